import Domain

extension SpecValidator {
    /// Whether a reward model's head, its fit and its steps go together.
    mutating func checkRewardModel() {
        guard spec.kind == .rewardModel else { return }
        let head = spec.rewardModel
        switch head.head ?? .scalar {
        case .scalar: break
        case .ensemble(let ensemble):
            if !ensemble.bootstrap && head.headFit != .none {
                fault(
                    "$.reward_model.head.bootstrap",
                    "must be true with a head fit, which would make all members equal; or write "
                        + "head_fit none and update_epochs"
                )
            }
        case .preference: requireFit([.bradleyTerry], "pairs")
        case .pair: requireFit([.logistic], "pairs, each read in both orders")
        case .attributes:
            requireFit([.ridge], "the ratings of each attribute")
            if head.headFit == .none || spec.updateEpochs > 0 {
                fault(
                    "$.update_epochs",
                    "must be 0: the heads of attributes are fitted on the frozen backbone (head_fit "
                        + "ridge)"
                )
            }
        }
    }

    private mutating func requireFit(_ known: [RewardModelSpec.HeadFit], _ what: String) {
        let (kind, fit) = (spec.rewardModel.kind.rawValue, spec.rewardModel.headFit)
        guard fit != .none, !known.contains(fit) else { return }
        let names = known.map { $0.rawValue }.joined(separator: ", ")
        fault(
            "$.reward_model.head_fit",
            "must be \(names) or none: a \(kind) head is fitted to \(what)"
        )
    }
}
