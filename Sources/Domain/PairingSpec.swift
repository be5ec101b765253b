/// How the completions of one group become preference pairs.
public struct PairingSpec: Sendable, Hashable, Codable {
    /// What becomes of two completions with equal rewards.
    public enum Ties: String, Sendable, Hashable, Codable, CaseIterable {
        /// They make no pair.
        case drop
        /// They are ranked at random, from the run's seed.
        case random
    }

    /// An entry of the catalogue of pairing rules, with its parameters.
    public var rule: NamedParameters
    /// What becomes of two completions with equal rewards.
    public var ties: Ties
    /// The most pairs of one group, chosen from the run's seed; `nil` keeps all that the rule makes.
    public var mostPairs: Int?

    /// The best against the worst, unless said.
    public init(
        rule: NamedParameters = NamedParameters(name: "best_worst"),
        ties: Ties = .drop,
        mostPairs: Int? = nil
    ) {
        self.rule = rule
        self.ties = ties
        self.mostPairs = mostPairs
    }

    /// Specs that were stored before rules had parameters have the rule's name alone.
    public init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            self.init(rule: NamedParameters(name: name))
            return
        }
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            rule: try fields.decode(NamedParameters.self, forKey: .rule),
            ties: try fields.decode(Ties.self, forKey: .ties),
            mostPairs: try fields.decodeIfPresent(Int.self, forKey: .mostPairs)
        )
    }
}
