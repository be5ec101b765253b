import Domain

/// A pair whose better side is known, as a reward judged it.
public struct JudgedPair: Sendable, Hashable {
    /// What the reward gives the better side more than the other; above 0 it is right.
    public var lead: Double
    /// The probability that the reward gives the better side of winning.
    public var probability: Double
    /// How much better the better side is known to be; `nil` when that is not known.
    public var margin: Double?
    /// Length of the better side.
    public var chosenLength: Double
    /// Length of the other side.
    public var rejectedLength: Double

    /// A judged pair.
    public init(
        lead: Double,
        probability: Double,
        margin: Double? = nil,
        chosenLength: Double,
        rejectedLength: Double
    ) {
        self.lead = lead
        self.probability = probability
        self.margin = margin
        self.chosenLength = chosenLength
        self.rejectedLength = rejectedLength
    }

    /// A pair of two scores; their difference is taken as log-odds (Bradley–Terry).
    public init(
        chosen: Double,
        rejected: Double,
        margin: Double? = nil,
        chosenLength: Double,
        rejectedLength: Double
    ) {
        self.init(
            lead: chosen - rejected,
            probability: sigmoid(chosen - rejected),
            margin: margin,
            chosenLength: chosenLength,
            rejectedLength: rejectedLength
        )
    }

    /// 1 right, 0 wrong, 1/2 undecided.
    public var outcome: Double { lead == 0 ? 0.5 : lead > 0 ? 1 : 0 }
}
