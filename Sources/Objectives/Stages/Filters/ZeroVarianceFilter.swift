import Domain

/// Groups whose completions are all as good.
struct ZeroVarianceFilter: SampleFilter {
    static let name = "zero_variance"
    static let aliases = ["dynamic_sampling"]
    static let summary = "Drops groups whose scored completions all have the same reward."
    static let source = "Yu et al. 2025 (DAPO), arXiv 2503.14476, equation 11"
    static let parameters = [
        ParameterDescription(
            "tolerance",
            .number(.nonNegative),
            default: 0,
            "The largest difference of rewards, before any transform, that counts as the same."
        )
    ]

    private let tolerance: Double

    init(_ parameters: ParameterValues) { tolerance = parameters.number("tolerance") }

    /// A lone completion is not as good as any other: it stays.
    func keeps(_ group: FilterView) -> [Bool] {
        let rewards = group.completions.compactMap(\.score)
        guard rewards.count > 1, let low = rewards.min(), let high = rewards.max() else {
            return group.isKept
        }
        return high - low <= tolerance ? group.isKept.map { _ in false } : group.isKept
    }
}
