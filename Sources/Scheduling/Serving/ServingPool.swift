import Domain
import WorkerProtocol

/// The workers that answer API requests: one open model each, the least recently used one closed
/// when another model is wanted, all closed after a while without use.
actor ServingPool {
    /// What a serving worker has open.
    enum Model: Sendable, Hashable {
        /// A policy: the base model's folder, and a checkpoint's when that is what is served.
        case policy(folder: String, checkpoint: String?, version: Int)
        /// A policy beside the model that it is compared with.
        case compared(folder: String, checkpoint: String?, version: Int, reference: String)
        case reward(folder: String)
    }

    private struct Entry {
        let opening: Task<Result<any WorkerPort, HoneError>, Never>
        var users = 0
        var lastUse: ContinuousClock.Instant
    }

    private let launcher: any WorkerLauncher
    private let limit: Int
    private let idleTime: Duration
    private let deadline: Duration
    private var entries: [Model: Entry] = [:]
    private let clock = ContinuousClock()

    init(launcher: any WorkerLauncher, limit: Int, idleTime: Duration, deadline: Duration) {
        self.launcher = launcher
        self.limit = max(1, limit)
        self.idleTime = idleTime
        self.deadline = deadline
    }

    /// Has the worker that holds `model` answer; a lost worker is replaced and asked once more,
    /// which is safe because serving requests change nothing.
    func request(
        _ request: WorkerRequest,
        of model: Model,
        drawn: (@Sendable ([DrawnToken]) -> Void)? = nil
    ) async throws(HoneError) -> WorkerReply {
        do throws(HoneError) {
            return try await attempt(request, model, drawn)
        } catch  where error.code == .workerLost {
            return try await attempt(request, model, drawn)
        }
    }

    private func attempt(
        _ request: WorkerRequest,
        _ model: Model,
        _ drawn: (@Sendable ([DrawnToken]) -> Void)?
    ) async throws(HoneError) -> WorkerReply {
        if entries[model] == nil { try await makeRoom() }
        let entry = entries[model] ?? launch(model)
        entries[model] = entry
        entries[model]?.users += 1
        defer { leave(model, entry) }
        do throws(HoneError) {
            let port = try await entry.opening.value.get()
            guard let drawn else { return try await port.request(request, deadline: deadline) }
            return try await port.request(request, deadline: deadline, drawn: drawn)
        } catch {
            if error.isLoss { await forget(model, entry) }
            if case .failure = await entry.opening.value { await forget(model, entry) }
            throw error
        }
    }

    /// Counts a user out, unless the entry has been replaced meanwhile.
    private func leave(_ model: Model, _ entry: Entry) {
        guard entries[model]?.opening == entry.opening else { return }
        entries[model]?.users -= 1
        entries[model]?.lastUse = clock.now
    }

    private func launch(_ model: Model) -> Entry {
        let (launcher, deadline) = (launcher, deadline)
        let opening = Task { () -> Result<any WorkerPort, HoneError> in
            do throws(HoneError) {
                let port = try await launcher.launch(role: "serving")
                do throws(HoneError) {
                    _ = try await port.request(model.openRequest, deadline: deadline)
                } catch {
                    await port.shutdown()
                    throw error
                }
                return .success(port)
            } catch {
                return .failure(error)
            }
        }
        return Entry(opening: opening, lastUse: clock.now)
    }

    /// Drops an entry unless it has been replaced already.
    private func forget(_ model: Model, _ entry: Entry) async {
        guard entries[model]?.opening == entry.opening else { return }
        entries[model] = nil
        if case .success(let port) = await entry.opening.value { await port.shutdown() }
    }

    private func makeRoom() async throws(HoneError) {
        while entries.count >= limit {
            let idle = entries.filter { $0.value.users == 0 }
            guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
                throw HoneError(
                    .overloaded,
                    "all \(limit) serving workers are busy with other models: try again later"
                )
            }
            await forget(oldest.key, oldest.value)
        }
    }

    /// Closes the workers that nobody has used for the idle time.
    func closeIdle() async {
        let limit = clock.now - idleTime
        for model in Array(entries.keys) {
            // Looked at anew each time: it may have got a user while another one was closed.
            guard let entry = entries[model], entry.users == 0, entry.lastUse <= limit else {
                continue
            }
            await forget(model, entry)
        }
    }

    /// Closes the workers whose files lie in `folder`, before it goes.
    func close(using folder: String) async {
        for (model, entry) in entries where model.uses(folder) { await forget(model, entry) }
    }

    func closeAll() async {
        for (model, entry) in entries { await forget(model, entry) }
    }

    var statuses: [WorkerStatus] {
        get async {
            var list: [WorkerStatus] = []
            for entry in entries.values {
                if case .success(let port) = await entry.opening.value {
                    list.append(await port.status)
                }
            }
            return list.sorted { $0.processID < $1.processID }
        }
    }
}

extension ServingPool.Model {
    var openRequest: WorkerRequest {
        switch self {
        case .policy(let folder, let checkpoint, let version):
            .openPolicy(
                .init(modelFolder: folder, checkpointFolder: checkpoint, policyVersion: version)
            )
        case .compared(let folder, let checkpoint, let version, let reference):
            .openPolicy(
                .init(
                    modelFolder: folder,
                    checkpointFolder: checkpoint,
                    referenceFolder: reference,
                    policyVersion: version
                )
            )
        case .reward(let folder): .openReward(.init(modelFolder: folder))
        }
    }

    /// The same policy with the model in `reference` beside it.
    func compared(withFolder reference: String) -> ServingPool.Model {
        guard case .policy(let folder, let checkpoint, let version) = self else { return self }
        return .compared(
            folder: folder,
            checkpoint: checkpoint,
            version: version,
            reference: reference
        )
    }

    func uses(_ path: String) -> Bool {
        let folders =
            switch self {
            case .policy(let folder, let checkpoint, _): [folder, checkpoint ?? folder]
            case .compared(let folder, let checkpoint, _, let reference):
                [folder, checkpoint ?? folder, reference]
            case .reward(let folder): [folder]
            }
        return folders.contains { $0 == path || $0.hasPrefix(path + "/") }
    }
}
