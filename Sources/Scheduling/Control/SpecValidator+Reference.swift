import Domain
import Objectives
import Store

extension SpecValidator {
    /// Whether the run can have the reference, and has one where something compares with it.
    mutating func checkReference(_ needs: DataRequirements) {
        switch spec.reference {
        case .initial, .soup: break
        case .absent: checkAbsence(needs)
        case .previousIteration:
            if spec.kind == .offline || spec.kind == .sft {
                fault(
                    "$.reference",
                    "must be initial: a run of kind \(spec.kind.rawValue) samples nothing to refer to"
                )
            }
            refuseLag("the policy that sampled is then not the one of the previous iteration")
        case .average:
            if spec.kind == .offline || spec.kind == .sft {
                fault(
                    "$.reference",
                    "must stay what it is: a run of kind \(spec.kind.rawValue) scores its data under "
                        + "the reference once, before the first step"
                )
            }
            refuseLag(
                "the worker that samples has the policy only, and the average is the learner's"
            )
        }
        if spec.kind == .rewardModel && spec.reference != .initial {
            fault("$.reference", "is not used by kind reward_model; leave it out")
        }
    }

    private mutating func refuseLag(_ why: String) {
        guard spec.kind == .online && spec.maxStaleness > 0 else { return }
        fault("$.reference", "must be initial when max_staleness is above 0: \(why)")
    }

    private mutating func checkAbsence(_ needs: DataRequirements) {
        func refuse(_ what: String) {
            fault("$.reference", "must not be none: \(what)")
        }
        let name = spec.objective.name
        if needs.needsReference || needs.runsReference {
            refuse("\(name) compares the policy with a reference")
        } else if spec.kind == .offline,
            !needs.fields.isDisjoint(with: [.oldLogprobs, .behaviorLogprobs])
        {
            refuse("\(name) takes the data as written by the reference")
        }
        let hasRewardKL =
            spec.kind == .online && (try? stages(needs))?.pipeline.needsReference == true
        if hasRewardKL { refuse("the KL in the reward, and what adapts it, are to a reference") }
        if spec.stop.maxKL != nil { refuse("stop.max_kl measures the KL to it") }
        if let opponent = spec.opponent, opponent.mixture > 0 {
            refuse("the opponent is a mixture with it")
        }
    }

    private func stages(_ needs: DataRequirements) throws(Faults) -> RunStages {
        try RunStages(spec, needs, estimator: try AdvantageRule.estimator(spec, needs))
    }

    /// Whether the models of a soup are there and have the policy's shape.
    mutating func checkSoup(of model: ModelRecord?) async throws(HoneError) {
        for (index, part) in spec.reference.soupParts.enumerated() {
            let path = "$.reference.soup[\(index)]"
            do throws(HoneError) {
                let found = try await plane.model(part.model)
                if found.isRewardModel {
                    fault(path, "\"\(part.model)\" is a reward model: name a language model")
                } else if let model, found.configuration != model.configuration {
                    fault(
                        path,
                        "\"\(part.model)\" has another shape than \"\(spec.model)\": only models of "
                            + "one shape can be averaged"
                    )
                }
            } catch  where error.namesNothing {
                fault(path, error.message)
            }
        }
    }
}
