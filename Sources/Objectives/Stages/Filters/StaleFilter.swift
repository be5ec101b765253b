import Domain

/// Completions of a policy that is long gone.
struct StaleFilter: SampleFilter {
    static let name = "stale"
    static let summary = "Drops completions sampled by a policy that lags too far behind."
    static let source =
        "Piché et al. 2025 (PipelineRL), arXiv 2509.19128; verl, max_off_policy_threshold"
    static let parameters = [
        ParameterDescription(
            "maximum_lag",
            .integer(0...1_000_000),
            default: 1,
            "The most iterations by which the policy that sampled may lag behind."
        )
    ]

    private let maximumLag: Int

    init(_ parameters: ParameterValues) { maximumLag = parameters.integer("maximum_lag") }

    func keeps(_ group: FilterView) -> [Bool] { group.completions.map { $0.lag <= maximumLag } }
}
