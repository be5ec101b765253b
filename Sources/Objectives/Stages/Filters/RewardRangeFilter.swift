import Domain

/// Prompts that are too hard or too easy.
struct RewardRangeFilter: SampleFilter {
    static let name = "reward_range"
    static let summary = "Drops groups whose mean reward, before any transform, is out of a range."
    static let source = "Cui et al. 2025 (PRIME), arXiv 2502.01456, online prompt filtering"
    static let parameters = [
        ParameterDescription("low", .number(.any), default: 0.2, "The lowest mean that stays."),
        ParameterDescription("high", .number(.any), default: 0.8, "The highest mean that stays."),
    ]

    private let low: Double
    private let high: Double

    init(_ parameters: ParameterValues) {
        low = parameters.number("low")
        high = parameters.number("high")
    }

    var contradiction: ParameterContradiction? {
        ParameterContradiction("low", if: low > high, "must not be above high (\(high))")
    }

    func keeps(_ group: FilterView) -> [Bool] {
        let mean = Moments(group.completions.compactMap(\.score)).mean
        return low <= mean && mean <= high ? group.isKept : group.isKept.map { _ in false }
    }
}
