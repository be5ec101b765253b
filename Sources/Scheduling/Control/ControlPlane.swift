public import Domain
import Foundation
import Store
import WorkerProtocol

/// Everything a daemon or a headless CLI asks for, one instance per data folder.
///
/// The store is the truth; this actor only knows which run is being driven at the moment. Reading
/// goes straight to the store; changes to the current run go to its driver.
public actor ControlPlane {
    let configuration: ControlPlaneConfiguration
    let launcher: any WorkerLauncher
    let log: @Sendable (String) -> Void
    let folder: DataFolder
    nonisolated let store: DataStore
    let serving: ServingPool
    let rewardServices: RewardServices
    let broker = EventBroker()
    let evaluationQueue = EvaluationQueue()
    private var lock: FolderLock?
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private var current: (id: String, driver: RunDriver?)?
    /// Names of runs that requests are submitting.
    var submittedNames: Set<String> = []
    /// Waits for the current run to be let go.
    private var releases: [CheckedContinuation<Void, Never>] = []
    /// Asked of the current run before its driver was ready.
    private var earlyIntent: RunMachine.Intent?
    private var isShutDown = false
    private var resting: Task<Void, Never>?
    private var isDriving = false
    /// Names of models on their way in.
    var importing: Set<String> = []

    /// Tells other processes where this one is asked: they find it by the data folder.
    public func announce(url: String) { lock?.announce(url) }

    /// Where the process that holds a data folder is asked; `nil` when it serves nothing.
    public static func server(of dataFolder: String) -> String? {
        FolderLock.server(DataFolder(dataFolder).root)
    }

    /// Takes the data folder's lock, opens the store and brings it up to date.
    ///
    /// - Throws: `.dataFolderLocked` naming the holder's process, `.conflict` for a store written by
    ///   a newer version, `.diskFull`, `.internalError`.
    public init(
        configuration: ControlPlaneConfiguration,
        launcher: any WorkerLauncher,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(HoneError) {
        self.configuration = configuration
        self.launcher = launcher
        self.log = log
        folder = DataFolder(configuration.dataFolder)
        for part in ["models", "runs"] { try folder.create("\(folder.root)/\(part)") }
        lock = try FolderLock(folder: folder.root)
        try FolderLock.waitForWorkers(folder: folder.root)
        folder.removeLeftovers()
        store = try DataStore(folder: folder.root)
        serving = ServingPool(
            launcher: launcher,
            limit: configuration.servingWorkerLimit,
            idleTime: configuration.servingIdleTime,
            deadline: configuration.workerDeadline
        )
        rewardServices = RewardServices(
            transport: configuration.remoteTransport,
            gate: RemoteGate(limit: configuration.remoteConcurrency),
            python: configuration.pythonRunner
        )
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await removeUnmadeRuns()
        try await removeStrayFiles()
    }

    var context: RunContext {
        RunContext(
            store: store,
            folder: folder,
            launcher: launcher,
            deadline: configuration.workerDeadline,
            patience: configuration.unscoredPatience,
            rewardServices: rewardServices,
            broker: broker,
            log: log
        )
    }

    /// Drives queued and running runs, one at a time, until `shutdown()` or cancellation.
    public func run() async {
        isDriving = true
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.closeIdleWorkers() }
            group.addTask { await self.driveEvaluations() }
            await driveRuns()
            group.cancelAll()
        }
        isDriving = false
        await shutdown()
    }

    private func closeIdleWorkers() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(30))
            await serving.closeIdle()
        }
    }

    private func driveRuns() async {
        var wakes = wakes.makeAsyncIterator()
        while !isEnding && !Task.isCancelled {
            do throws(HoneError) {
                while !isEnding, !Task.isCancelled, let next = try await store.nextRun() {
                    try await drive(next)
                }
            } catch {
                log("the queue stopped: \(error.message); trying again in 10 seconds")
                try? await Task.sleep(for: .seconds(10))
                wake.yield()
            }
            _ = await wakes.next()
        }
    }

    private func drive(_ record: RunRecord) async throws(HoneError) {
        current = (record.id, nil)
        earlyIntent = nil
        defer { release() }
        // Somebody may have ended or removed it since it was looked up.
        guard let now = try? await store.run(record.id).state, now == .queued || now == .running
        else { return }
        let inputs: RunInputs
        do throws(HoneError) {
            inputs = try await RunInputs(record, context: context)
        } catch {
            return try await settle(record, .failed, error)
        }
        let machine = DriverState.decode(try await store.machine(record.id))
        let driver = RunDriver(record, inputs: inputs, context: context, machine: machine)
        guard !isEnding else { return }
        current = (record.id, driver)
        if let earlyIntent { await driver.request(earlyIntent) }
        log("\(record.id) (\(record.name)) runs")
        let state = try await withTaskCancellationHandler {
            () async -> Result<RunState, HoneError> in
            do throws(HoneError) { return .success(try await driver.drive()) } catch {
                return .failure(error)
            }
        } onCancel: {
            // Cancellation handlers are synchronous; the driver ends at its next suspension.
            Task { await driver.stop() }
        }
        .get()
        let word = state == .running ? "rests until the next start" : state.rawValue
        log("\(record.id) (\(record.name)): \(word)")
    }

    /// Puts a run that is not being driven into a state.
    ///
    /// - Throws: `.conflict` when it is not as `record` has it any more.
    func settle(
        _ record: RunRecord,
        _ state: RunState,
        _ error: HoneError? = nil
    ) async throws(HoneError) {
        try await store.commit(
            RunTransition(
                runID: record.id,
                state: state,
                iteration: record.iteration,
                error: error,
                policyVersion: record.policyVersion,
                events: [.state(state, error)],
                from: [record.state]
            )
        )
        broker.wake(record.id)
        wakeQueue()
    }

    /// Has the queue look for something to do.
    func wakeQueue() { wake.yield() }

    /// The driver of a run when it is the current one.
    func driver(of id: String) -> RunDriver? { current?.id == id ? current?.driver : nil }

    /// Asks the current run for a rest.
    ///
    /// - Returns: `false` when `id` is not the current run.
    func ask(_ id: String, _ intent: RunMachine.Intent) async -> Bool {
        guard let current, current.id == id else { return false }
        if let driver = current.driver {
            await driver.request(intent)
        } else {
            earlyIntent = intent
        }
        return true
    }

    /// Whether a run is being driven.
    func isCurrent(_ id: String) -> Bool { current?.id == id }

    /// Waits until the current run, which has come to its end, has closed its workers.
    func waitForRelease(of id: String) async {
        guard isCurrent(id) else { return }
        await withCheckedContinuation { releases.append($0) }
    }

    private func release() {
        current = nil
        for waiting in releases { waiting.resume() }
        releases = []
    }

    /// All worker processes: the current run's and the serving ones.
    public func workers() async -> [WorkerStatus] {
        var list: [WorkerStatus] = []
        if let driver = current?.driver { list += await driver.workerStatuses }
        return list + (await serving.statuses)
    }

    /// Has the current run keep what it has done in a checkpoint and halt, ahead of `shutdown()`.
    ///
    /// A run that does not come to a place where it can within `restTimeout` stops where it is; a
    /// checkpoint that is being written by then has as long again. No other run begins.
    public func rest() async {
        if resting == nil { resting = Task { await restOnce() } }
        await resting?.value
    }

    private func restOnce() async {
        guard let current else { return }
        guard await ask(current.id, .stop) else { return }
        let patience = configuration.restTimeout
        let deadline = Task {
            try await Task.sleep(for: patience)
            guard let driver = driver(of: current.id) else { return }
            if await driver.isKeeping { try await Task.sleep(for: patience) }
            await driver.stop()
        }
        await waitForRelease(of: current.id)
        deadline.cancel()
    }

    /// Whether runs are left where they are: the process ends.
    private var isEnding: Bool { isShutDown || resting != nil }

    /// Stops the current run where it is (it goes on at the next start), closes all workers and
    /// gives the data folder back, at the latest when `run()` returns.
    public func shutdown() async {
        isShutDown = true
        wake.finish()
        await evaluationQueue.stop()
        await current?.driver?.stop()
        await serving.closeAll()
        broker.finish()
        if !isDriving { lock = nil }
    }

    /// Starts a worker for one request.
    func once(_ role: String, _ request: WorkerRequest) async throws(HoneError) -> WorkerReply {
        let port = try await launcher.launch(role: role, share: .whole, reach: request.reach)
        let result: Result<WorkerReply, HoneError>
        do throws(HoneError) {
            result = .success(
                try await port.request(request, deadline: configuration.workerDeadline)
            )
        } catch {
            result = .failure(error)
        }
        await port.shutdown()
        return try result.get()
    }
}
