import Domain
import Objectives

/// What a kind of run gives to an objective, and what to do about what it does not give.
struct FieldSupply {
    let kind: RunKind

    /// Every run that trains a policy has these: the stored log-probabilities and what the worker
    /// computes while it learns.
    private static let common = Set(BatchField.distributional).union([
        .referenceLogprobs, .oldLogprobs, .behaviorLogprobs, .mismatchedLogRatio, .values,
    ])
    /// What the rewards of a sampled group say.
    private static let ofRewards: Set<BatchField> = [
        .reward, .advantages, .winRate, .stateValue, .label, .margin, .preferenceProbability,
        .exploration, .returns, .oldValues,
    ]
    /// What a data file says; the reader refuses lines without it.
    private static let ofData: Set<BatchField> = [
        .reward, .advantages, .winRate, .stateValue, .marginReward, .label, .margin,
        .preferenceProbability, .exploration, .gold, .returns,
    ]

    private var fields: Set<BatchField> {
        switch kind {
        case .online: Self.common.union(Self.ofRewards)
        case .offline, .sft: Self.common.union(Self.ofData)
        case .rewardModel: [.score, .margin, .preferenceProbability, .reward, .label]
        // A client sends what it likes.
        case .external: Set(BatchField.allCases)
        }
    }

    /// Why the objective cannot be had, and the mend; `nil` when everything is given.
    func refusal(of needs: DataRequirements) -> String? {
        let missing = needs.fields.subtracting(fields)
        if missing.isEmpty { return nil }
        if missing.contains(.score) {
            return "trains a reward model's score, not a policy: use kind reward_model"
        }
        let names = missing.map(\.rawValue).sorted().joined(separator: ", ")
        return "needs \(names), which \(kind.rawValue) runs do not have: \(mend)"
    }

    private var mend: String {
        switch kind {
        case .online:
            "write it into a data file and use kind offline, or send it with POST /v1/updates to a "
                + "run of kind external"
        default: "send it with POST /v1/updates to a run of kind external"
        }
    }

    /// Whether an online run tells such an objective good completions from bad ones, or a teacher
    /// does.
    static func hasSignal(_ needs: DataRequirements) -> Bool {
        let signals: Set<BatchField> = [
            .reward, .advantages, .returns, .label, .winRate, .stateValue,
            .teacherKL,
        ]
        return needs.kind != .sequences || !needs.fields.isDisjoint(with: signals)
    }
}
