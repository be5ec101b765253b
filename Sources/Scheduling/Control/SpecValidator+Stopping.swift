import Domain
import Objectives

extension SpecValidator {
    /// Whether the run measures what its stop rules look at.
    mutating func checkStopRules(_ needs: DataRequirements) {
        let samples = spec.kind == .online || spec.evaluation?.prompts != nil
        if spec.stop.maxLength != nil && !samples {
            fault(
                "$.stop.max_length",
                "needs completions: a run of kind \(spec.kind.rawValue) draws them for its evaluation "
                    + "only"
            )
        }
        if spec.stop.minEntropy != nil && spec.kind == .rewardModel {
            fault("$.stop.min_entropy", "is not used by kind reward_model, which trains no policy")
        }
        guard spec.stop.maxGoldDrop != nil else { return }
        if spec.evaluation?.rewards.isEmpty != false {
            fault(
                "$.stop.max_gold_drop",
                "needs a reward that is measured and not trained on: give evaluation.rewards"
            )
        }
        if spec.kind != .online {
            fault(
                "$.stop.max_gold_drop",
                "needs a trained reward to compare with, which only an online run has"
            )
        }
    }

    /// Parameters of the correction for other samplers that nothing would read.
    mutating func checkCorrection() {
        let written = spec.objective.parameters.objectValue ?? [:]
        guard (written["importance_cap"] ?? .null) == .null else { return }
        for name in ["importance_mode", "importance_floor"] where written[name] != nil {
            fault(
                "$.objective.\(name)",
                "is not used without importance_cap, the largest weight: give it, or leave this out"
            )
        }
    }

    /// What people's verdicts cannot be had beside.
    mutating func checkFeedback() {
        guard let feedback = spec.feedback, feedback.mode != .reward else { return }
        if spec.refill != nil {
            fault("$.sampling.refill", "cannot be used while people judge: leave it out")
        }
        if spec.opponent != nil {
            fault("$.opponent", "cannot be used while people judge: leave it out")
        }
    }
}
