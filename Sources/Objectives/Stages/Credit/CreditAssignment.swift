/// Lays a completion's reward on its tokens.
public protocol CreditAssignment: CatalogueEntry {
    /// Whether a reward for each token must be there.
    static var needsTokenRewards: Bool { get }
    /// Whether tokens are joined to longer actions, which only estimators over tokens know.
    static var joinsTokens: Bool { get }

    /// The reward of each trained token, KL left out.
    ///
    /// - Parameters:
    ///   - outcome: the completion's transformed reward.
    ///   - tokenRewards: of the trained tokens; empty unless `needsTokenRewards`.
    ///   - count: trained tokens, at least 1.
    /// - Returns: one reward for each trained token.
    func rewards(outcome: Double, tokenRewards: [Double], count: Int) -> [Double]

    /// A group's scored completions set against each other, before their rewards are laid on tokens.
    func compared(_ group: [CreditedCompletion]) -> [CreditedCompletion]

    /// The actions that `count` trained tokens, at least 1, are joined to: all of them, in order.
    func actions(count: Int) -> [Range<Int>]
}

extension CreditAssignment {
    /// No, unless said.
    public static var needsTokenRewards: Bool { false }
    /// No, unless said.
    public static var joinsTokens: Bool { false }

    /// Each as it is, unless said.
    public func compared(_ group: [CreditedCompletion]) -> [CreditedCompletion] { group }

    /// Each token is an action, unless said.
    public func actions(count: Int) -> [Range<Int>] { (0..<count).map { $0..<($0 + 1) } }

    /// The whole reward lies on the last token, unless said.
    public func rewards(outcome: Double, tokenRewards: [Double], count: Int) -> [Double] {
        var result = [Double](repeating: 0, count: count)
        result[count - 1] = outcome
        return result
    }
}

/// What is laid on a completion's tokens.
public struct CreditedCompletion: Sendable, Hashable {
    /// The completion's transformed reward.
    public var outcome: Double
    /// The rewards of its trained tokens; empty unless the credit needs them.
    public var tokens: [Double]

    /// A scored completion.
    public init(outcome: Double, tokens: [Double]) {
        self.outcome = outcome
        self.tokens = tokens
    }
}
