/// Parameters that are right one by one and cannot be together.
public struct ParameterContradiction: Sendable, Hashable {
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
