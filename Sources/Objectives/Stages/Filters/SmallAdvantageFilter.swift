import Domain

/// Completions that would hardly move the policy.
struct SmallAdvantageFilter: SampleFilter {
    static let name = "small_advantage"
    static let summary = "Drops completions whose advantages are all smaller than a threshold."
    static let source = "Chen et al. 2025 (LOOP), arXiv 2502.01600, and its code"
    static let parameters = [
        ParameterDescription(
            "threshold",
            .number(.nonNegative),
            default: 0.01,
            "The smallest size that stays, before whitening."
        )
    ]

    private let threshold: Double

    init(_ parameters: ParameterValues) { threshold = parameters.number("threshold") }

    func keeps(_ group: FilterView) -> [Bool] { group.advantageSizes.map { $0 >= threshold } }
}
