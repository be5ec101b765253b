import Domain
import Foundation
import Objectives
import Store
import WorkerProtocol

/// Carries one run from unit to unit: persists its machine, then has the workers and the store do
/// what the machine says.
actor RunDriver {
    let record: RunRecord
    let spec: RunSpec
    let inputs: RunInputs
    let context: RunContext
    let plan: BatchPlan
    let rewards: RewardWorkers
    /// Those of rewards that are only measured: they stay as they are when the trained one learns.
    let measuringRewards: RewardWorkers
    private(set) var machine: RunMachine
    /// The policy (or the reward model in training); `nil` while the run rests.
    var worker: (any WorkerPort)?
    /// The sampling lane's worker, where phases overlap.
    let sampler: SamplerWorker
    private var isSampling = false
    /// What the open model is.
    var summary: WorkerReply.ModelSummary?
    var policyVersion = 0
    var metrics = IterationMetrics()
    /// What an iteration learns from, as far as it is loaded; fixed data is that of every iteration.
    var lessons: (iteration: Int, content: Lessons)?
    /// What an online run learns from beside its own, once it is loaded.
    var offlineLessons: Lessons?
    /// The last iteration whose verdicts the reward's models have learned from.
    var taughtThrough: Int?
    /// The successes of the iterations before one, as far as they were read.
    var successes: (before: Int, buffer: SuccessBuffer)?
    /// The steps that the learning rate's schedule runs over.
    let totalSteps: Int
    let inbox = UpdateInbox()
    private var wanted: RunMachine.Intent?
    /// The request for completions that is under way.
    private var drawing: Task<Result<WorkerReply, HoneError>, Never>?
    /// Whether it was cancelled.
    private var breaksOff = false
    private(set) var isStopped = false
    /// Whether scoring lost the run's own worker, which judged.
    private var hasLostJudge = false
    private let clock = ContinuousClock()
    private var unpersistedSeconds = 0.0

    init(_ record: RunRecord, inputs: RunInputs, context: RunContext, machine: RunMachine?) {
        self.record = record
        spec = record.spec
        self.inputs = inputs
        self.context = context
        plan = BatchPlan(seed: spec.seed)
        totalSteps = inputs.totalSteps(record.spec)
        // A fork's row starts at its origin's iteration; every other run at 0.
        let shape = inputs.shape(record.spec, firstIteration: record.parent?.iteration ?? 0)
        func workers() -> RewardWorkers {
            RewardWorkers(
                launcher: context.launcher,
                deadline: context.deadline,
                folders: inputs.rewardFolders,
                share: shape.overlaps ? .largerHalf : .whole
            )
        }
        rewards = workers()
        measuringRewards = inputs.retrainedModels.isEmpty ? rewards : workers()
        sampler = SamplerWorker(
            launcher: context.launcher,
            deadline: context.deadline,
            modelFolder: inputs.modelFolder,
            referenceFolder: inputs.referenceFolder,
            folder: context.folder,
            run: record.id
        )
        self.machine = machine ?? RunMachine(shape: shape)
    }

    /// Drives the run until it rests or is stopped.
    ///
    /// - Throws: when the store or the metrics file fails; a failing unit ends in a failed run.
    func drive() async throws(HoneError) -> RunState {
        try await rewriteMetricsFile()
        try await sampler.removeSnapshots()
        let start = RunMachine.Event.started(checkpoint: try await newestCheckpoint()?.iteration)
        // One task a lane; both have ended when the group has.
        try await withTaskGroup(of: RunMachine.Event.self) { lanes in
            let result = await follow(start, &lanes)
            await close()
            return result
        }.get()
        return machine.state
    }

    private func follow(
        _ start: RunMachine.Event,
        _ lanes: inout TaskGroup<RunMachine.Event>
    ) async -> Result<Void, HoneError> {
        var event = start
        while true {
            do throws(HoneError) {
                guard let units = try await take(event), !isStopped else { return .success(()) }
                for unit in units { lanes.addTask { await self.outcome(of: unit) } }
            } catch {
                return .failure(error)
            }
            let begin = clock.now
            guard let next = await lanes.next(), !isStopped else { return .success(()) }
            unpersistedSeconds += (clock.now - begin).seconds
            event = next
        }
    }

    /// Has the machine take an event in and persists it.
    ///
    /// - Returns: the units to begin, at most one a lane; `nil` when the run rests.
    private func take(_ event: RunMachine.Event) async throws(HoneError) -> [WorkUnit]? {
        // At the very start the run is not running yet: the request waits for the first boundary.
        if let intent = wanted, machine.state == .running {
            wanted = nil
            _ = machine.handle(.requested(intent))
        }
        if event.isOfSampling { isSampling = false }
        let before = (machine.state, machine.unit)
        let effect = machine.handle(event)
        try await persist(changedFrom: before, cause: event)
        guard machine.state == .running, effect != .halt else { return nil }
        var units: [WorkUnit] = []
        if case .perform(let unit) = effect { units.append(unit) }
        if let unit = machine.sampling, !isSampling {
            isSampling = true
            units.append(unit)
        }
        return units
    }

    /// Asks for a rest at the next unit boundary.
    ///
    /// A cancellation breaks sampling off, the longest of units: what was drawn is not kept. An
    /// external run ends with its iteration instead, whose updates nobody could repeat. The process's
    /// end breaks off what the next process draws again.
    func request(_ intent: RunMachine.Intent) async {
        if wanted == nil || (wanted != .cancel && intent != .stop) { wanted = intent }
        let breaks =
            switch intent {
            case .pause: false
            case .cancel: spec.kind != .external
            case .stop: machine.unit?.stage == .sample
            }
        if breaks, let drawing {
            breaksOff = true
            drawing.cancel()
        }
        await inbox.interrupt()
    }

    /// Whether a checkpoint is being written.
    var isKeeping: Bool { machine.unit?.stage == .checkpoint }

    /// Leaves the run as it is, to go on at the next start of the process.
    func stop() async {
        isStopped = true
        await inbox.interrupt()
        await close()
    }

    /// What the run's workers are doing.
    var workerStatuses: [WorkerStatus] {
        get async {
            var list = await rewards.statuses
            if measuringRewards !== rewards { list += await measuringRewards.statuses }
            if let status = await sampler.status { list.insert(status, at: 0) }
            if let worker { list.insert(await worker.status, at: 0) }
            return list
        }
    }

    private func close() async {
        await inbox.close()
        await worker?.shutdown()
        worker = nil
        lessons = nil
        offlineLessons = nil
        successes = nil
        await sampler.close()
        await rewards.close()
        await measuringRewards.close()
    }

    private func outcome(of unit: WorkUnit) async -> RunMachine.Event {
        let start = clock.now
        let isAhead = machine.shape.overlaps && unit.stage == .sample
        let result: RunMachine.Event
        do throws(HoneError) {
            let outcome = try await perform(unit)
            result = isAhead ? .sampled : .finished(outcome)
        } catch  where isAhead && error.isLoss {
            result = .samplerLost(error)
        } catch  where breaksOff {
            result = .brokenOff
        } catch  where unit.stage == .open && error.code == .invalidModelFile {
            result = await fallingBack(from: error)
        } catch {
            // A reward worker's loss has been retried where it happened.
            let isScoring = unit.stage == .score || unit.stage == .evaluationScore
            let isLost = error.isLoss && (!isScoring || hasLostJudge)
            hasLostJudge = false
            result = isLost ? .lost(error) : .failed(error)
        }
        if unit.stage != .serve { metrics.addSeconds(clock.now - start, unit.phase) }
        return result
    }

    private func perform(_ unit: WorkUnit) async throws(HoneError) -> RunMachine.Outcome {
        switch unit.stage {
        case .open: try await open()
        case .snapshot: try await snapshot(unit.iteration)
        case .encode: try await encode(unit.index)
        case .fitHead: try await fitHead()
        case .sample: try await sample(unit)
        case .score: try await score(unit)
        case .pair: return try await pair(unit.iteration)
        case .update: try await update(unit)
        case .serve: return .init(isInterrupted: try await !serve())
        case .evaluationSample: try await evaluationSample(unit)
        case .evaluationScore: try await evaluationScore(unit)
        case .measure: return .init(stops: try await measure(unit.iteration))
        case .checkpoint: try await checkpoint(unit.iteration)
        case .publish: try await publish()
        // The machine itself ends these.
        case .awaitSamples, .drain: break
        }
        return .init()
    }

    private func persist(
        changedFrom before: (state: RunState, unit: WorkUnit?),
        cause: RunMachine.Event
    ) async throws(HoneError) {
        var events: [RunTransition.Event] = []
        if let error = cause.loss {
            events.append(.init("worker", ["message": .string(error.message), "state": "lost"]))
        }
        if machine.state != before.state { events.append(.state(machine.state, machine.error)) }
        if let unit = machine.unit, unit != before.unit || !cause.isOfSampling {
            events.append(progressEvent(unit))
        }
        let seconds = unpersistedSeconds
        unpersistedSeconds = 0
        try await context.store.commit(
            RunTransition(
                runID: record.id,
                state: machine.state,
                iteration: machine.finishedIteration,
                phase: machine.unit?.phase,
                error: machine.error,
                policyVersion: policyVersion,
                machine: try DriverState.encode(machine),
                activeSeconds: seconds,
                events: events
            )
        )
        context.broker.wake(record.id)
    }

    private func progressEvent(_ unit: WorkUnit) -> RunTransition.Event {
        .init(
            "progress",
            [
                "iteration": .integer(unit.iteration), "phase": .string(unit.phase.rawValue),
                "stage": .string(unit.stage.rawValue), "completed": .integer(unit.index),
                "total": .integer(machine.unitCount),
            ]
        )
    }

    /// Sends a request to the run's own worker.
    func ask(_ request: WorkerRequest) async throws(HoneError) -> WorkerReply {
        guard let worker else { throw HoneError(.workerLost, "the run's worker is closed") }
        return try await worker.request(request, deadline: context.deadline)
    }

    /// Has the policy as it is answer a question about completions.
    func askAsJudge(_ request: WorkerRequest) async throws(HoneError) -> WorkerReply {
        do throws(HoneError) { return try await ask(request) } catch {
            if error.isLoss { hasLostJudge = true }
            throw error
        }
    }

    /// Waits within a unit that can be done again; what its owner asks for breaks it off.
    func wait(_ duration: Duration) async throws(HoneError) {
        let end = clock.now + duration
        repeat {
            if wanted != nil || isStopped || Task.isCancelled {
                breaksOff = true
                throw HoneError(.conflict, "broken off: the run is to rest")
            }
            let pause = min(end - clock.now, .seconds(1))
            if pause > .zero { try? await Task.sleep(for: pause) }
        } while clock.now < end
    }

    /// Sends a request for completions to the run's own worker; a cancellation breaks it off.
    func askForCompletions(
        _ request: WorkerRequest.Sample
    ) async throws(HoneError) -> WorkerReply {
        // A task of its own: cancelling it ends this one request and nothing else of the run.
        let task = Task { () -> Result<WorkerReply, HoneError> in
            do throws(HoneError) { return .success(try await ask(.sample(request))) } catch {
                return .failure(error)
            }
        }
        drawing = task
        defer { drawing = nil }
        return try await task.value.get()
    }

    /// The newest checkpoint whose folder is there.
    func newestCheckpoint() async throws(HoneError) -> CheckpointRecord? {
        try await context.store.checkpoints(run: record.id)
            .last { context.folder.exists($0.path) }
    }
}

extension RunMachine.Event {
    /// Whether it is the sampling lane's.
    fileprivate var isOfSampling: Bool {
        switch self {
        case .sampled, .samplerLost: true
        default: false
        }
    }

    /// Why a worker was lost, when one was.
    fileprivate var loss: HoneError? {
        switch self {
        case .lost(let error), .samplerLost(let error): error
        default: nil
        }
    }
}

/// The machine as text in the store.
enum DriverState {
    static func encode(_ machine: RunMachine) throws(HoneError) -> String {
        do { return String(decoding: try JSONEncoder().encode(machine), as: UTF8.self) } catch {
            throw HoneError(.internalError, "cannot store a run's state: \(error)")
        }
    }

    /// `nil` when the text is of another version: the run then begins at its newest checkpoint.
    static func decode(_ text: String?) -> RunMachine? {
        text.flatMap { try? JSONDecoder().decode(RunMachine.self, from: Data($0.utf8)) }
    }
}
