public import Domain

/// A run's progress as a value: (state, event) → (state, effect), without I/O.
///
/// There are two lanes. The main lane opens, scores, learns, measures and keeps; the sampling lane
/// (only where `shape.maxStaleness` is above 0) draws completions of later iterations meanwhile. Each
/// has at most one unit at work, `unit` and `sampling`, and the driver has exactly those performed.
///
/// **Invariant**: the driver persists the machine after every event and before the effect. After a
/// crash it decodes the last machine and sends `.started` with the newest recorded checkpoint; every
/// unit finds in the store what it has already done, so nothing is sampled or scored twice, and the
/// updates after the checkpoint are redone from the same inputs.
public struct RunMachine: Sendable, Hashable, Codable {
    /// What happens to a run.
    public enum Event: Sendable {
        /// Its turn in the queue came (first, or again after a rest), or the process started again.
        case started(checkpoint: Int?)
        /// The unit of the last effect is done.
        case finished(Outcome)
        /// A worker was lost in the unit of the last effect.
        case lost(HoneError)
        /// The unit of the sampling lane is done.
        case sampled
        /// The sampling lane's worker was lost in its unit.
        case samplerLost(HoneError)
        /// The checkpoint to open is damaged and forgotten; this is the one before, if there is one.
        case fellBack(checkpoint: Int?)
        /// The unit cannot be done.
        case failed(HoneError)
        /// The unit was broken off because its run is to rest; nothing of it was kept.
        case brokenOff
        case requested(Intent)
    }

    /// What a finished unit says.
    public struct Outcome: Sendable, Hashable {
        /// From `pair`: the iteration's optimizer steps.
        public var updateSteps: Int?
        /// From `pair`: further prompts to sample before there are steps.
        public var refill: SamplingRound?
        /// From `measure`: a stop rule holds.
        public var stops: Bool
        /// From `serve`: the wait was broken off, no step was made.
        public var isInterrupted: Bool

        /// An outcome; what the unit's stage does not say keeps its default.
        public init(
            updateSteps: Int? = nil,
            refill: SamplingRound? = nil,
            stops: Bool = false,
            isInterrupted: Bool = false
        ) {
            self.updateSteps = updateSteps
            self.refill = refill
            self.stops = stops
            self.isInterrupted = isInterrupted
        }
    }

    /// What its owner asks for; acted on at the next unit boundary.
    public enum Intent: String, Sendable, Hashable, Codable {
        case pause, cancel
        /// The process ends: what is done goes into a checkpoint, and the next process goes on.
        case stop
    }

    /// What the driver does next in the main lane; beside it the sampling lane's unit, if there is a
    /// new one, is to be begun.
    public enum Effect: Sendable, Hashable {
        case perform(WorkUnit)
        /// Close the workers; the run rests in the machine's state.
        case halt
    }

    /// Losses in a row of one unit after which the run fails.
    public static let lossLimit = 3

    /// What decides the order of the units.
    public let shape: RunShape
    /// Where the run stands; queued until the first `.started`.
    public private(set) var state = RunState.queued
    /// The main lane's unit, at work or waiting for samples; `nil` unless running.
    public private(set) var unit: WorkUnit?
    /// The sampling lane's unit at work; `nil` while there is none or it waits for its policy.
    public internal(set) var sampling: WorkUnit?
    /// The first unit that the sampling lane has not done; `nil` until it may begin.
    var nextSample: WorkUnit?
    /// The last iteration that was measured; back at the checkpoint's when the run is opened again.
    public private(set) var finishedIteration: Int
    /// The iteration of the newest checkpoint; `nil` before the first.
    public private(set) var checkpointIteration: Int?
    /// The optimizer steps of the current iteration.
    public private(set) var updateSteps = 0
    /// What the current iteration samples beside its first round; `nil` while it is in that.
    public private(set) var refill: SamplingRound?
    /// Why the run failed; `nil` in every other state.
    public private(set) var error: HoneError?
    private(set) var intent: Intent?
    private(set) var isStopping = false
    var losses: [WorkUnit: Int] = [:]

    /// A queued run of which nothing is done yet.
    public init(shape: RunShape) {
        self.shape = shape
        finishedIteration = shape.firstIteration
    }

    /// Takes one event in.
    public mutating func handle(_ event: Event) -> Effect? {
        defer { assignSampling() }
        return switch event {
        case .started(let checkpoint): start(checkpoint)
        case .finished(let outcome): finish(outcome)
        case .lost(let cause): lose(cause)
        case .fellBack(let checkpoint): fallBack(checkpoint)
        case .failed(let cause): fail(cause)
        case .sampled: finishSampling()
        case .samplerLost(let cause): loseSampler(cause)
        case .brokenOff: breakOff()
        case .requested(let intent): request(intent)
        }
    }

    private mutating func start(_ checkpoint: Int?) -> Effect? {
        guard state != .succeeded else { return nil }
        if state == .running, let intent, intent != .stop { return rest(intent) }
        intent = nil
        state = .running
        error = nil
        losses = [:]
        sampling = nil
        nextSample = nil
        return reopen(checkpoint)
    }

    private mutating func reopen(_ checkpoint: Int?) -> Effect {
        checkpointIteration = checkpoint
        let start = checkpoint ?? shape.firstIteration
        // What a stop rule held of is not kept: it is done again, and measured again.
        if start < finishedIteration { isStopping = false }
        finishedIteration = start
        updateSteps = 0
        refill = nil
        return perform(WorkUnit(.open, iteration: finishedIteration))
    }

    private mutating func fallBack(_ checkpoint: Int?) -> Effect? {
        guard state == .running else { return nil }
        if let intent { return rest(intent) }
        return reopen(checkpoint)
    }

    private mutating func finish(_ outcome: Outcome) -> Effect? {
        guard state == .running, let done = unit else { return nil }
        losses[done] = nil
        switch done.stage {
        case .pair:
            updateSteps = outcome.updateSteps ?? 0
            refill = outcome.refill ?? refill
        case .measure:
            finishedIteration = done.iteration
            if outcome.stops { isStopping = true }
        case .checkpoint: checkpointIteration = done.iteration
        default: break
        }
        if let intent, let effect = honour(intent, after: done, outcome) { return effect }
        return proceed(to: following(done))
    }

    /// Begins a unit; one that only waits for samples is done at once when they are there.
    mutating func proceed(to next: WorkUnit?) -> Effect? {
        guard let next else { return rest(.succeeded) }
        guard let last = awaitedIteration(next) else { return perform(next) }
        unit = next
        return hasSampled(last) ? proceed(to: following(next)) : nil
    }

    /// At a boundary with a request waiting.
    ///
    /// A client's steps are not in the store, so an external run first finishes its iteration and
    /// keeps it in a checkpoint. So does every run before the process ends, to have less to redo, but
    /// where phases overlap: there samples are owed by policies before it.
    private mutating func honour(
        _ intent: Intent,
        after done: WorkUnit,
        _ outcome: Outcome
    ) -> Effect? {
        if done.stage == .publish { return nil }
        let keeps = shape.learning == .external || intent == .stop
        guard keeps && !shape.overlaps else { return rest(intent) }
        if hasMoved(at: done) && !outcome.isInterrupted { return nil }
        return keep(thenRest: intent)
    }

    /// Whether the policy may be further than the last finished iteration after this unit.
    private func hasMoved(at unit: WorkUnit) -> Bool {
        switch unit.stage {
        case .sample, .awaitSamples, .score, .pair, .encode: false
        default: unit.iteration > finishedIteration
        }
    }

    /// Keeps the last finished iteration, which the policy stands at, in a checkpoint.
    private mutating func keep(thenRest intent: Intent) -> Effect {
        let isKept = finishedIteration == (checkpointIteration ?? shape.firstIteration)
        return isKept
            ? rest(intent) : perform(WorkUnit(.checkpoint, iteration: finishedIteration))
    }

    private mutating func lose(_ cause: HoneError) -> Effect? {
        guard state == .running, let lost = unit else { return nil }
        let count = (losses[lost] ?? 0) + 1
        losses[lost] = count
        guard count < Self.lossLimit else { return fail(tooManyLosses(of: lost, count, cause)) }
        if let intent { return rest(intent) }
        return reopen(checkpointIteration)
    }

    mutating func fail(_ cause: HoneError) -> Effect? {
        guard state == .running else { return nil }
        // What could not be kept before the process's end is done again.
        if intent == .stop, unit?.stage == .checkpoint { return rest(.stop) }
        error = cause
        return rest(.failed)
    }

    private mutating func breakOff() -> Effect? {
        guard state == .running, let unit else { return nil }
        guard let intent else { return perform(unit) }
        let keeps = intent == .stop && !shape.overlaps && !hasMoved(at: unit)
        return keeps ? keep(thenRest: intent) : rest(intent)
    }

    private mutating func request(_ wanted: Intent) -> Effect? {
        switch state {
        case .running:
            // A cancellation is not taken back by a later pause, nor either by the process's end.
            if intent != .cancel && (intent == nil || wanted != .stop) { intent = wanted }
            return nil
        case .queued: return wanted == .stop ? nil : rest(wanted)
        case .paused: return wanted == .cancel ? rest(wanted) : nil
        case .succeeded, .failed, .cancelled: return nil
        }
    }

    private mutating func perform(_ next: WorkUnit) -> Effect {
        unit = next
        return .perform(next)
    }

    mutating func rest(_ intent: Intent) -> Effect {
        switch intent {
        case .pause: rest(RunState.paused)
        case .cancel: rest(RunState.cancelled)
        // It is running still, for the next process.
        case .stop: rest(RunState.running)
        }
    }

    private mutating func rest(_ final: RunState) -> Effect {
        state = final
        unit = nil
        sampling = nil
        intent = nil
        return .halt
    }
}

// MARK: - The order of the units

extension RunMachine {
    /// The unit after `done`, `nil` when the run has succeeded.
    mutating func following(_ done: WorkUnit) -> WorkUnit? {
        let k = done.iteration
        switch done.stage {
        case .open:
            if samplesWithPolicy(after: k) { return WorkUnit(.snapshot, iteration: k) }
            openSampling(after: k)
            return next(done, .encode, of: shape.encodeUnits, first: true) ?? begin()
        case .snapshot:
            openSampling(after: k)
            // After opening it belongs to the iteration done, after an update to the current one.
            guard k == finishedIteration else { return evaluation(k) }
            return next(done, .encode, of: shape.encodeUnits, first: true) ?? begin()
        case .awaitSamples: return WorkUnit(.score, iteration: k)
        case .drain: return WorkUnit(.checkpoint, iteration: k)
        case .encode: return next(done, .encode, of: shape.encodeUnits) ?? begin()
        case .fitHead: return evaluation(k)
        case .sample:
            return next(done, .sample, of: roundEnd)
                ?? WorkUnit(.score, iteration: k, index: refill?.firstUnit ?? 0)
        case .score:
            return next(done, .score, of: roundEnd)
                ?? WorkUnit(.pair, iteration: k, index: refill?.number ?? 0)
        case .pair:
            if let refill, refill.number > done.index {
                return WorkUnit(.sample, iteration: k, index: refill.firstUnit)
            }
            return next(done, .update, of: updateSteps, first: true) ?? afterUpdates(k)
        case .update: return next(done, .update, of: updateSteps) ?? afterUpdates(k)
        case .serve: return evaluation(k)
        case .evaluationSample:
            return next(done, .evaluationSample, of: shape.evaluationUnits)
                ?? WorkUnit(.evaluationScore, iteration: k)
        case .evaluationScore:
            return next(done, .evaluationScore, of: shape.evaluationUnits)
                ?? WorkUnit(.measure, iteration: k)
        case .measure: return afterMeasure(k)
        case .checkpoint:
            return isStopping ? WorkUnit(.publish, iteration: k) : iteration(k + 1)
        case .publish: return nil
        }
    }

    var sampleUnits: Int {
        if case .online(let units) = shape.learning { units } else { 0 }
    }

    /// The unit after the last of the current round.
    private var roundEnd: Int { refill?.endUnit ?? sampleUnits }

    private func next(
        _ done: WorkUnit,
        _ stage: WorkUnit.Stage,
        of count: Int,
        first: Bool = false
    ) -> WorkUnit? {
        let index = first ? 0 : done.index + 1
        return index < count ? WorkUnit(stage, iteration: done.iteration, index: index) : nil
    }

    /// After opening: the baseline of a run at its start, else the iteration after the checkpoint.
    private mutating func begin() -> WorkUnit? {
        let start = checkpointIteration ?? shape.firstIteration
        guard start == shape.firstIteration else {
            return isStopping ? WorkUnit(.publish, iteration: start) : iteration(start + 1)
        }
        if shape.fitsHead && checkpointIteration == nil {
            return WorkUnit(.fitHead, iteration: start)
        }
        return shape.evaluates(start) ? evaluation(start) : iteration(start + 1)
    }

    private func afterUpdates(_ iteration: Int) -> WorkUnit {
        samplesWithPolicy(after: iteration)
            ? WorkUnit(.snapshot, iteration: iteration) : evaluation(iteration)
    }

    private func evaluation(_ iteration: Int) -> WorkUnit {
        let draws = shape.evaluates(iteration) && shape.evaluationUnits > 0
        return WorkUnit(draws ? .evaluationSample : .measure, iteration: iteration)
    }

    private mutating func afterMeasure(_ done: Int) -> WorkUnit? {
        let isBaseline = done == shape.firstIteration
        if !isBaseline && (isStopping || shape.checkpoints(done)) {
            return WorkUnit(shape.overlaps ? .drain : .checkpoint, iteration: done)
        }
        return isStopping ? WorkUnit(.publish, iteration: done) : iteration(done + 1)
    }

    private mutating func iteration(_ number: Int) -> WorkUnit? {
        refill = nil
        switch shape.learning {
        case .external: return WorkUnit(.serve, iteration: number)
        case _ where number > shape.iterations:
            return WorkUnit(.publish, iteration: number - 1)
        case .online:
            return WorkUnit(shape.overlaps ? .awaitSamples : .sample, iteration: number)
        case .fixed:
            updateSteps = shape.fixedSteps(of: number).count
            return updateSteps > 0
                ? WorkUnit(.update, iteration: number) : evaluation(number)
        }
    }
}

extension RunMachine {
    /// How many units the current unit's stage has in this iteration.
    public var unitCount: Int {
        switch unit?.stage {
        case .encode: shape.encodeUnits
        case .sample, .score: roundEnd
        case .update: updateSteps
        case .evaluationSample, .evaluationScore: shape.evaluationUnits
        case nil: 0
        default: 1
        }
    }
}
