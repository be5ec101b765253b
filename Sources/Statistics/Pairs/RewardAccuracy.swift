/// How good a reward is on pairs whose better side is known.
public struct RewardAccuracy: Sendable, Hashable, Codable {
    /// How often the better side is preferred, undecided pairs counted one half, with Wilson's interval.
    public var accuracy: WinRate
    /// The mean of what the better side leads by.
    public var meanLead: Double
    /// Accuracy by the size of the reward's own lead, from the smallest.
    public var byLead: [MarginBucket]
    /// Accuracy by the margin that the data gives, where it gives one.
    public var byMargin: [MarginBucket]
    /// How sure the reward is, and how often it is right then.
    public var calibration: Calibration
    /// What leads are to be divided by to be calibrated; `nil` when nothing fits.
    public var temperature: Double?
    /// Whether it prefers what is longer.
    public var lengthBias: LengthBias

    /// Of judged pairs.
    ///
    /// - Returns: `nil` of none.
    public init?(_ pairs: [JudgedPair]) {
        guard let accuracy = WinRate(clusters: pairs.map { [$0.outcome] }),
            let calibration = Calibration(preferences: pairs.map(\.probability)),
            let meanLead = Sample.mean(pairs.map(\.lead))
        else { return nil }
        self.accuracy = accuracy
        self.calibration = calibration
        self.meanLead = meanLead
        byLead = MarginBucket.buckets(
            margins: pairs.map { abs($0.lead) },
            outcomes: pairs.map(\.outcome)
        )
        let labelled = pairs.filter { $0.margin != nil }
        byMargin = MarginBucket.buckets(
            margins: labelled.compactMap(\.margin),
            outcomes: labelled.map(\.outcome)
        )
        temperature = Calibration.temperature(pairs.map(\.lead))
        lengthBias = LengthBias(pairs)
    }
}
