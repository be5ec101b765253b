/// Whether a reward is fooled by length.
public struct LengthBias: Sendable, Hashable, Codable {
    /// Accuracy among some of the pairs.
    public struct Part: Sendable, Hashable, Codable {
        /// How many pairs.
        public var count: Int
        /// How often they are right; `nil` of none.
        public var accuracy: Double?
    }

    /// Pearson's correlation of the reward's lead with the difference of lengths; `nil` where either is
    /// constant.
    ///
    /// For a reward that gives each text a score this is within pairs, so that no prompt's own level
    /// is in it.
    public var correlation: Double?
    /// How often the longer side wins, among sides of different lengths; `nil` of none.
    public var longerWins: Double?
    /// Pairs whose better side is the longer one.
    public var chosenLonger: Part
    /// Pairs whose better side is the shorter one: where a bias for length shows.
    public var chosenShorter: Part
    /// Pairs of two equally long sides.
    public var equal: Part

    /// Of judged pairs.
    public init(_ pairs: [JudgedPair]) {
        let differences = pairs.map { $0.chosenLength - $0.rejectedLength }
        // Both ways round: the labels' own bias for length is no part of it.
        let leads = pairs.map(\.lead)
        correlation = Correlation.pearson(
            leads + leads.map { -$0 },
            differences + differences.map { -$0 }
        )
        func part(_ isIn: (Double) -> Bool) -> Part {
            let outcomes = zip(pairs, differences).filter { isIn($0.1) }.map(\.0.outcome)
            return Part(count: outcomes.count, accuracy: Sample.mean(outcomes))
        }
        chosenLonger = part { $0 > 0 }
        chosenShorter = part { $0 < 0 }
        equal = part { $0 == 0 }
        longerWins = Sample.mean(
            zip(pairs, differences).filter { $0.1 != 0 }
                .map { $0.1 > 0 ? $0.0.outcome : 1 - $0.0.outcome }
        )
    }
}
