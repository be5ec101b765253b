import Domain

/// A completion's reward less its group's mean weighed by length.
struct LengthWeightedMean: AdvantageEstimator {
    static let name = "length_weighted_mean"
    static let aliases = ["opo"]
    static let summary = "Reward less the group's mean reward, weighed by the completions' lengths."
    static let source = "Hao et al. 2025 (OPO), arXiv 2505.23585, equation 7"
    static let minimumGroupSize = 2
    static let requiredFields: Set<AdvantageField> = [.rewards, .lengths]

    init(_ parameters: ParameterValues) {}

    func advantages(_ input: AdvantageInput) throws(HoneError) -> [Double] {
        let count = input.rewards.count
        guard let lengths = input.lengths, lengths.count == count else {
            throw HoneError(
                .invalidData,
                "length_weighted_mean needs lengths, one for each of the \(count) rewards",
                param: "lengths"
            )
        }
        var result = [Double](repeating: 0, count: count)
        let scored = result.indices.filter { input.rewards[$0] != nil }
        guard scored.count >= 2 else { return result }
        let total = scored.reduce(0) { $0 + lengths[$1] }
        let sum = scored.reduce(0) { $0 + lengths[$1] * (input.rewards[$1] ?? 0) }
        for index in scored {
            result[index] = (input.rewards[index] ?? 0) - sum / total
            guard result[index].isFinite else {
                throw badAdvantage(Self.name, "completion \(index)", "rewards[\(index)]")
            }
        }
        return result
    }
}
