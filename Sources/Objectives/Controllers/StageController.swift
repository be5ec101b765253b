/// What a controller remembers.
public struct ControllerState: Sendable, Hashable {
    /// What is adapted: a coefficient, or the logarithm of a multiplier.
    public var value: Double
    /// What was observed last; `nil` before the first observation.
    public var observed: Double?

    /// A state.
    public init(_ value: Double, observed: Double? = nil) {
        self.value = value
        self.observed = observed
    }
}

/// What a controller sets.
public enum ControllerTarget: String, Sendable, Hashable, CaseIterable {
    /// The coefficient of the KL: of `reward_kl` when there is one, else the objective's.
    case klCoefficient = "kl_coefficient"
    /// The objective's bonus on entropy.
    case entropyCoefficient = "entropy_coefficient"
    /// The weight of a constraint.
    case multiplier
}

/// Adapts one number from iteration to iteration: a state machine without clock or store.
///
/// Its state is a fold over the metrics of the iterations before, so that a resumed run has the
/// same state as one that was never interrupted.
public protocol StageController: CatalogueEntry {
    /// What it sets.
    static var target: ControllerTarget { get }
    /// The metrics of an iteration that it reads.
    static var observes: [String] { get }

    /// The state before the first iteration; `coefficient` is that of the spec.
    func initialState(coefficient: Double) -> ControllerState
    /// Takes in the metrics of one iteration; without what it observes nothing changes.
    func advance(_ state: inout ControllerState, by metrics: [String: Double])
    /// What is set for the next iteration.
    func setting(_ state: ControllerState) -> Double
}

extension StageController {
    /// What is set after `history`, oldest first.
    public func setting(after history: [[String: Double]], coefficient: Double) -> Double {
        var state = initialState(coefficient: coefficient)
        for metrics in history { advance(&state, by: metrics) }
        return setting(state)
    }
}
