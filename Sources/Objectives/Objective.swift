public import Domain

/// What objectives and advantage estimators have in common: a name, a page and parameters.
public protocol CatalogueEntry: Sendable {
    /// The name in a spec, snake_case; the docs page is `docs/objectives/NAME.md`.
    static var name: String { get }
    /// Other names it is known by elsewhere.
    static var aliases: [String] { get }
    /// One sentence in plain words.
    static var summary: String { get }
    /// The paper and its equation.
    static var source: String { get }
    /// Every parameter with meaning, default and range.
    static var parameters: [ParameterDescription] { get }

    /// What is wrong with the parameters taken together; every one of them is right by itself.
    var contradiction: ParameterContradiction? { get }

    /// Takes validated parameters.
    init(_ parameters: ParameterValues)
}

extension CatalogueEntry {
    /// None, unless said.
    public static var aliases: [String] { [] }
    /// None, unless said.
    public static var parameters: [ParameterDescription] { [] }
    /// Nothing, unless said.
    public var contradiction: ParameterContradiction? { nil }
}

/// A training loss over per-token numbers: never logits, weights, text or clocks.
///
/// Most objectives conform to one of the shapes (`PairObjective`, `GroupObjective`,
/// `SequenceObjective`, `TokenObjective`), which need only the loss of one element, written as in
/// the paper, or to `PolicyGradientObjective`, which needs only a preset. To add one: a file with the
/// type, a line in `ObjectiveCatalogue.all`, a docs page.
public protocol Objective: CatalogueEntry {
    /// What the data must have, whatever the parameters.
    static var requirements: DataRequirements { get }
    /// What the data must have with these parameters.
    var requirements: DataRequirements { get }
    /// Whether the equation holds something of the policy constant, so that its gradient is not the
    /// derivative of its loss; with default parameters.
    static var stopsGradients: Bool { get }
    /// What holds of the loss whatever the data; the tests hold it to them.
    static var traits: Set<ObjectiveTrait> { get }
    /// Which metric says that it learns, and where it moves.
    static var trend: MetricTrend { get }
    /// The loss where the policy equals reference and old policy, when that is one number.
    var lossAtReference: Double? { get }
    /// The stages before the loss that the method's paper has in an online run.
    static var preset: StagePreset { get }

    /// The loss, its gradient and its metrics.
    ///
    /// - Throws: `invalidData` naming the missing field and its sequence, or `notANumber` naming
    ///   the sequence whose loss or gradient is not finite.
    func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult

    /// What the loss refers to of the whole batch, to be computed before it is cut.
    func statistics(of content: ObjectiveBatch.Content) throws(HoneError) -> BatchStatistics
}

extension Objective {
    /// The same for all parameters, unless said.
    public var requirements: DataRequirements { Self.requirements }
    /// No, unless said.
    public static var stopsGradients: Bool { false }
    /// None, unless said.
    public static var traits: Set<ObjectiveTrait> { [] }
    /// The loss falls, unless said.
    public static var trend: MetricTrend { .falls("policy/loss") }
    /// None, unless said.
    public var lossAtReference: Double? { nil }
    /// GRPO's advantages and nothing else, unless said.
    public static var preset: StagePreset { StagePreset() }

    /// None, unless said.
    public func statistics(of content: ObjectiveBatch.Content) throws(HoneError) -> BatchStatistics
    {
        BatchStatistics()
    }

    /// The whole batch's statistics as the batch carries them, or else those of its content.
    func statistics(for batch: ObjectiveBatch) throws(HoneError) -> BatchStatistics {
        var statistics =
            if let given = batch.statistics { given } else { try statistics(of: batch.content) }
        statistics.sortLists()
        return statistics
    }
}

/// What holds of an objective's loss whatever the data; raw values are the JSON names.
public enum ObjectiveTrait: String, Sendable, Hashable, CaseIterable {
    /// A pair's loss depends on `L_w - L_l` alone: the two derivatives add up to 0.
    case marginOnly = "margin_only"
    /// The same constant added to both sides' reference changes nothing.
    case referenceShift = "reference_shift"
    /// The same constant added to all rewards of a group or pair changes no gradient.
    case rewardShift = "reward_shift"
}

/// The metric that says that an objective learns.
public enum MetricTrend: Sendable, Hashable {
    /// It grows where the policy learns what the data says.
    case rises(String)
    /// It falls there.
    case falls(String)

    /// The metric's contract name.
    public var metric: String {
        switch self {
        case .rises(let metric), .falls(let metric): metric
        }
    }
}
