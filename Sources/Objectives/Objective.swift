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

    /// Takes validated parameters.
    init(_ parameters: ParameterValues)
}

extension CatalogueEntry {
    /// None, unless said.
    public static var aliases: [String] { [] }
    /// None, unless said.
    public static var parameters: [ParameterDescription] { [] }
}

/// A training loss over per-token numbers: never logits, weights, text or clocks.
///
/// Most objectives conform to one of the shapes (`PairObjective`, `GroupObjective`,
/// `SequenceObjective`, `TokenObjective`), which need only the loss of one element, written as in
/// the paper. To add one: a file with the type, a line in `ObjectiveCatalogue.all`, a docs page.
public protocol Objective: CatalogueEntry {
    /// What the data must have, whatever the parameters.
    static var requirements: DataRequirements { get }
    /// What the data must have with these parameters.
    var requirements: DataRequirements { get }
    /// Whether the equation holds some factor constant, so that its gradient is not the
    /// derivative of its loss.
    static var stopsGradients: Bool { get }
    /// The advantage estimator of the objective's paper, by its catalogue name.
    static var defaultAdvantage: String { get }
    /// How the objective's method makes its advantages in an online run.
    static var preset: StagePreset { get }

    /// The loss, its gradient and its metrics.
    ///
    /// - Throws: `invalidData` naming the missing field and its sequence, or `notANumber` naming
    ///   the sequence whose loss or gradient is not finite.
    func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult

    /// The detached means the loss refers to, to be computed over the whole batch before it is cut.
    func statistics(of content: ObjectiveBatch.Content) throws(HoneError) -> BatchStatistics
}

extension Objective {
    /// The same for all parameters, unless said.
    public var requirements: DataRequirements { Self.requirements }
    /// No, unless said.
    public static var stopsGradients: Bool { false }
    /// GRPO's, unless said.
    public static var defaultAdvantage: String { "group_relative" }
    /// The default estimator and no other stage, unless said.
    public static var preset: StagePreset {
        StagePreset(advantage: NamedParameters(name: defaultAdvantage))
    }

    /// None, unless said.
    public func statistics(of content: ObjectiveBatch.Content) throws(HoneError) -> BatchStatistics
    {
        BatchStatistics()
    }

    /// The whole batch's means as the batch carries them, or else those of its content.
    func statistics(for batch: ObjectiveBatch) throws(HoneError) -> BatchStatistics {
        if let given = batch.statistics { return given }
        return try statistics(of: batch.content)
    }
}
