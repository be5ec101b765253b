import Domain
import Objectives
import Rewards

extension SpecValidator {
    /// Whether the run can draw the opponent, and has a use for it.
    mutating func checkOpponent(_ needs: DataRequirements) {
        guard let opponent = spec.opponent, spec.kind == .online else { return }
        if opponent.mixture > 0 && spec.reference == .previousIteration {
            fault(
                "$.opponent.mixture",
                "must be 0 when the reference is previous_iteration: that is the policy which samples, "
                    + "and any mixture of the two is the policy again"
            )
        }
        // A reward that compares has the completions face the opponent's.
        let isCompared = (try? RewardPlan(spec.reward ?? .null))?.isPreference == true
        let isPaired =
            needs.kind == .pairs && (try? Pairing(spec.pairing))?.needsOpponent == true
        let isRead =
            isCompared || isPaired || !needs.fields.isDisjoint(with: [.winRate, .exploration])
        if !isRead {
            fault(
                "$.opponent",
                "is not used by \(spec.objective.name), which learns from no win rates, pairs or "
                    + "exploration samples of an opponent; leave it out, or pair by policy_opponent"
            )
        }
        if spec.groupSize < 2 && needs.kind == .pairs && !isPaired {
            fault("$.sampling.group_size", "must be at least 2: the pairs are of the policy's own")
        }
        if spec.groupSize < 2 && needs.fields.contains(.advantages) {
            fault(
                "$.sampling.group_size",
                "must be at least 2 for \(spec.objective.name): its advantages compare the completions "
                    + "of one prompt"
            )
        }
    }
}
