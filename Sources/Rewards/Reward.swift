public import Domain

/// What everything that a spec may name under `reward` has in common.
public protocol RewardEntry: Sendable {
    /// The name in a spec, snake_case; the docs page is `docs/rewards/NAME.md`.
    static var name: String { get }
    /// One sentence in plain words.
    static var summary: String { get }
    /// Every parameter with meaning, default and range.
    static var parameters: [ParameterDescription] { get }
}

/// A reward computed here, from text alone: pure, without I/O, network or clocks.
///
/// To add one: a file with the type, a line in `RewardCatalogue.all`, a docs page.
public protocol Reward: RewardEntry {
    /// The parameters that are paths of files whose text the caller hands in.
    static var fileParameters: [String] { get }

    /// Takes validated parameters and the text of each file they name, by path.
    ///
    /// `path` is where the reward stands in the user's input. Throws faults in the files or in
    /// how the parameters go together.
    init(_ parameters: ParameterValues, files: [String: String], path: String) throws(Faults)

    /// The score of one completion.
    func score(_ input: RewardInput) -> RewardScore
}

extension Reward {
    /// None, unless said.
    public static var fileParameters: [String] { [] }

    /// The score of one completion, its token count unknown.
    public func score(prompt: String, completion: String) -> RewardScore {
        score(RewardInput(prompt: prompt, completion: completion))
    }
}
