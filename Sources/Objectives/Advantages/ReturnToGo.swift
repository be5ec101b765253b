import Domain

/// The discounted sum of the rewards from a token on.
struct ReturnToGo: AdvantageEstimator {
    static let name = "return_to_go"
    static let aliases = ["reinforce_plus_plus"]
    static let summary = "Discounted sum of the rewards from a token to the completion's end."
    static let source = "Hu et al. 2025 (REINFORCE++), arXiv 2501.03262, equation 5"
    static let isPerToken = true
    static let optionalFields: Set<AdvantageField> = [.mask, .baseline]
    static let parameters = [
        ParameterDescription(
            "gamma",
            .number(.unit),
            default: 1,
            "What a reward one token later is worth."
        ),
        ParameterDescription(
            "baseline",
            .choice(["none", "group_mean"]),
            default: "none",
            "Whether the group's mean reward is taken off first (REINFORCE++-baseline)."
        ),
    ]

    private let gamma: Double
    /// Whether the group's mean reward is taken off.
    let usesGroupMean: Bool

    init(_ parameters: ParameterValues) {
        gamma = parameters.number("gamma")
        usesGroupMean = parameters.string("baseline") == "group_mean"
    }

    /// Undiscounted, less the group's mean where `baseline` says so.
    init(baseline: Bool) { (gamma, usesGroupMean) = (1, baseline) }

    /// Masked tokens get 0 and are stepped over; the baseline comes off the last trained token.
    func advantages(_ input: AdvantageInput) throws(HoneError) -> [Double] {
        let count = input.rewards.count
        guard input.mask.map({ $0.count == count }) ?? true else {
            throw HoneError(.invalidData, "mask must have \(count) numbers", param: "mask")
        }
        var next = 0.0
        if usesGroupMean {
            guard let baseline = input.baseline else {
                throw HoneError(
                    .invalidData,
                    "return_to_go with baseline group_mean needs baseline, the group's mean reward",
                    param: "baseline"
                )
            }
            next = -baseline
        }
        var result = [Double](repeating: 0, count: count)
        var discount = 1.0
        for index in input.rewards.indices.reversed() where input.mask?[index] != 0 {
            guard let reward = input.rewards[index] else {
                throw HoneError(.invalidData, "rewards[\(index)] is missing", param: "rewards")
            }
            next = reward + discount * next
            discount = gamma
            result[index] = next
            guard next.isFinite else {
                throw badAdvantage(Self.name, "token \(index)", "rewards[\(index)]")
            }
        }
        return result
    }
}
