import Domain

/// All on the last token.
struct TerminalCredit: CreditAssignment {
    static let name = "terminal"
    static let summary = "The completion's reward lies on its last trained token."
    static let source = "Ziegler et al. 2019, arXiv 1909.08593, section 2.2"

    init(_ parameters: ParameterValues) {}

    /// Has no parameters to validate.
    init() {}
}
