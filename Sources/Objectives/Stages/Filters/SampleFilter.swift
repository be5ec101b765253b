public import Domain

/// One group as a filter sees it; all lists have one element for each completion.
public struct FilterView: Sendable {
    /// The completions as given.
    public var completions: [StageCompletion]
    /// The transformed rewards; `nil` is unscored.
    public var rewards: [Double?]
    /// The largest size among a completion's advantages.
    public var advantageSizes: [Double]
    /// What is still there: scored, in a group that can be compared, and left by earlier filters.
    public var isKept: [Bool]
    /// The group's own random stream.
    public var random: PhiloxSequence

    /// The places of what is still there.
    var kept: [Int] { isKept.indices.filter { isKept[$0] } }
}

/// Keeps completions from being trained on; the statistics of their group have seen them.
public protocol SampleFilter: CatalogueEntry {
    /// Whether what it keeps of a group is better than the rest, so that it may be imitated.
    static var choosesTheBest: Bool { get }
    /// Whether each completion may stay; those that are gone already stay gone.
    func keeps(_ group: FilterView) -> [Bool]
}

extension SampleFilter {
    /// Most filters choose by other things.
    public static var choosesTheBest: Bool { false }
}
