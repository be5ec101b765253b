import Domain

/// Completions that were cut off.
struct TruncatedFilter: SampleFilter {
    static let name = "truncated"
    static let aliases = ["overlong_filter"]
    static let summary = "Drops completions without an end token."
    static let source = "Yu et al. 2025 (DAPO), arXiv 2503.14476, section 3.4, overlong filtering"

    init(_ parameters: ParameterValues) {}

    func keeps(_ group: FilterView) -> [Bool] { group.completions.map { !$0.isTruncated } }
}
