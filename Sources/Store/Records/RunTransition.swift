public import Domain

/// One persisted step of a run's state machine.
public struct RunTransition: Sendable {
    /// The run it belongs to.
    public var runID: String
    /// The state from now on; the store dates starts and ends by it.
    public var state: RunState
    /// The last iteration that was finished; 0 before the first.
    public var iteration: Int
    /// What the current iteration is doing; `nil` unless the run is running.
    public var phase: RunPhase?
    /// Why it failed; `nil` clears what was there.
    public var error: HoneError?
    /// The version of the newest weights: optimizer steps since the run's start.
    public var policyVersion: Int
    /// The driver's own state, to go on from.
    public var machine: String?
    /// Seconds worked since the last transition.
    public var activeSeconds: Double
    /// Stored with the transition, all or none, in this order.
    public var events: [Event]
    /// The states that it may come from; `nil` for any.
    public var from: Set<RunState>?

    /// What is told to those who follow the run.
    public struct Event: Sendable {
        /// `state`, `progress` or `worker`.
        public var kind: String
        /// What happened, in the fields of its kind.
        public var payload: Value

        /// An event; the store gives it its id and time.
        public init(_ kind: String, _ payload: Value) {
            self.kind = kind
            self.payload = payload
        }

        /// That a run is in a state from now on, and why, where it failed.
        public static func state(_ state: RunState, _ error: HoneError? = nil) -> Event {
            var payload: [String: Value] = ["state": .string(state.rawValue)]
            if let error {
                payload["error"] = [
                    "code": .string(error.code.rawValue), "message": .string(error.message),
                ]
            }
            return Event("state", .object(payload))
        }
    }

    /// A transition; without `machine` the stored one is kept.
    public init(
        runID: String,
        state: RunState,
        iteration: Int,
        phase: RunPhase? = nil,
        error: HoneError? = nil,
        policyVersion: Int,
        machine: String? = nil,
        activeSeconds: Double = 0,
        events: [Event] = [],
        from: Set<RunState>? = nil
    ) {
        self.runID = runID
        self.state = state
        self.iteration = iteration
        self.phase = phase
        self.error = error
        self.policyVersion = policyVersion
        self.machine = machine
        self.activeSeconds = activeSeconds
        self.events = events
        self.from = from
    }

    /// The states that it may come from, with spaces around each.
    var origins: String? { from.map { $0.map { " \($0.rawValue) " }.joined() } }
}
