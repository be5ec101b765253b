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

    private let weights: [Double]
    private let range: ClosedRange<Double>?

    init(_ parameters: ParameterValues, weights: [Double], path: String) throws(Faults) {
        self.weights = weights
        let clip = parameters.numbers("clip")
        guard parameters.values["clip"] == nil || (clip.count == 2 && clip[0] <= clip[1]) else {
            let message = "must be two numbers, the lowest first"
            throw Faults([Fault(path: "\(path).clip", message: message)])
        }
        range = clip.isEmpty ? nil : clip[0]...clip[1]
    }

    /// One unscored part leaves the sum unscored: its share is unknown, which is not 0.
    func combine(_ parts: [LabelledScore]) -> RewardScore {
        var sum = 0.0
        for (part, weight) in zip(parts, weights) {
            switch part.score.outcome {
            case .scored(let value): sum += weight * value
            case .unscored(let reason): return RewardScore(unscored: "\(part.label): \(reason)")
            }
        }
        guard let range else { return RewardScore(sum) }
        return RewardScore(sum.isNaN ? sum : min(max(sum, range.lowerBound), range.upperBound))
    }
}
