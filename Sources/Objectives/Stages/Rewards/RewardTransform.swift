public import Domain

/// Which rewards the moments of a transform are of.
public enum MomentScope: Sendable, Hashable {
    /// It uses none.
    case none
    /// The scored rewards of the iteration.
    case iteration
    /// The scored rewards of this iteration and all before.
    case history
}

/// What a reward transform sees of the completion beside its reward.
public struct RewardPlace: Sendable, Hashable {
    /// Trained tokens.
    public var length: Int
    /// Whether it was cut off before an end token.
    public var isTruncated: Bool
    /// The rewards of the group's other scored completions.
    public var others: [Double]
    /// Rewards of the reference policy's completions of the same prompt.
    public var references: [Double]
    /// Of the rewards that `momentScope` names.
    public var moments: Moments
}

/// Turns a scored completion's reward into another; unscored ones never reach it.
public protocol RewardTransform: CatalogueEntry {
    /// Which moments it uses.
    static var momentScope: MomentScope { get }
    /// Whether it needs `RewardPlace.references`, with these parameters.
    var needsReferences: Bool { get }
    /// The new reward; `nil` where there is none.
    ///
    /// - Throws: `invalidData` naming what is missing.
    func transformed(_ reward: Double, _ place: RewardPlace) throws(HoneError) -> Double?
}

extension RewardTransform {
    /// None, unless said.
    public static var momentScope: MomentScope { .none }
    /// No, unless said.
    public var needsReferences: Bool { false }
}

/// The error of a transform without a reference reward.
func missingReference(_ name: String, _ parameter: String) -> HoneError {
    HoneError(
        .invalidData,
        "\(name) needs the rewards of the reference policy's completions, or \(parameter)",
        param: parameter
    )
}
