import Domain

/// The weighted sum of several rewards.
struct WeightedSum: RewardCombination {
    static let name = "weighted_sum"
    static let summary = "The weighted sum of other rewards."
    static let parameters = [
        ParameterDescription(
            "rewards",
            .nested,
            default: nil,
            "A list of {\"weight\": 1.0, \"reward\": {…}}; a weight is 1 unless given."
        ),
        ParameterDescription(
            "clip",
            .numbers(.any),
            default: .null,
            "Two numbers, lowest and highest, within which the sum is held; no limit by default."
        ),
    ]
    static let partParameters = [
        ParameterDescription("weight", .number(.any), default: 1, "What the part is multiplied by.")
    ]

    private let weights: [Double]
    private let range: ClosedRange<Double>?

    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults) {
        weights = parts.map { $0.number("weight") }
        let clip = parameters.numbers("clip")
        guard parameters.values["clip"] == nil || (clip.count == 2 && clip[0] <= clip[1]) else {
            let message = "must be two numbers, the lowest first"
            throw Faults([Fault(path: "\(path).clip", message: message)])
        }
        range = clip.isEmpty ? nil : clip[0]...clip[1]
    }

    /// One unscored part leaves the sum unscored: its share is unknown, which is not 0.
    func combine(_ parts: [LabelledScore]) -> RewardScore {
        parts.scored { values in
            var sum = 0.0
            for (value, weight) in zip(values, weights) { sum += weight * value }
            guard let range else { return RewardScore(sum) }
            return RewardScore(sum.isNaN ? sum : min(max(sum, range.lowerBound), range.upperBound))
        }
    }

    /// A win rate with something added is still to be maximised, but no win rate.
    func scale(of parts: [RewardScale], path: String) throws(Faults) -> RewardScale {
        parts.allSatisfy { $0 == .score } ? .score : .mixed
    }
}
