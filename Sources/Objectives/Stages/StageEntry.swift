/// A stage between the rewards of an iteration and the advantages that its steps learn from.
public protocol StageEntry: CatalogueEntry {
    /// What is wrong with parameters that are right one by one (a range turned round).
    var contradiction: StageContradiction? { get }
}

extension StageEntry {
    /// Nothing, unless said.
    public var contradiction: StageContradiction? { nil }
}

/// Two parameters that cannot be together.
public struct StageContradiction: Sendable, Hashable {
    /// The parameter to be changed.
    public var parameter: String
    /// What is wrong and what to write instead.
    public var message: String

    /// A contradiction at `parameter`; `nil` unless `isWrong`.
    init?(_ parameter: String, if isWrong: Bool, _ message: String) {
        guard isWrong else { return nil }
        self.parameter = parameter
        self.message = message
    }
}
