public import Domain

/// Says which completions of one prompt are set against each other; their rewards say which is the
/// better.
///
/// To add one: a file with the type, a line in `PairingCatalogue.all`, a section of
/// `docs/recipes/pairing.md`.
public protocol PairingRule: Sendable {
    /// The name in a spec, snake_case.
    static var name: String { get }
    /// One sentence in plain words.
    static var summary: String { get }
    /// The paper or code it follows.
    static var source: String { get }
    /// Every parameter with meaning, default and range.
    static var parameters: [ParameterDescription] { get }
    /// Whether one side of its pairs is an opponent's completion.
    static var needsOpponent: Bool { get }

    /// Takes validated parameters.
    init(_ parameters: ParameterValues)

    /// Two completions each, in any order; equal ones are dropped or ranked afterwards.
    func candidates(_ group: inout PairingView) -> [PairCandidate]

    /// The most pairs that `count` completions make, with so many of an opponent.
    func mostPairs(of count: Int, opponents: Int) -> Int
}

extension PairingRule {
    /// None, unless said.
    public static var parameters: [ParameterDescription] { [] }
    /// None, unless said.
    public static var needsOpponent: Bool { false }
    /// One, unless said.
    public func mostPairs(of count: Int, opponents: Int) -> Int { 1 }
}

/// Two completions that are to be compared, by their places in the group.
public struct PairCandidate: Sendable, Hashable {
    /// One of them.
    public var first: Int
    /// The other.
    public var second: Int

    /// Two places of a group.
    public init(_ first: Int, _ second: Int) {
        self.first = first
        self.second = second
    }
}
