import Domain
import Rewards
import WorkerProtocol

/// The workers of one run's rewards, launched when first needed.
actor RewardWorkers {
    private let launcher: any WorkerLauncher
    private let deadline: Duration
    private let folders: [RewardSource.ModelNeed: RewardFolders]
    private let share: ThreadShare
    private var open: [RewardSource.ModelNeed: any WorkerPort] = [:]
    private var isClosed = false
    /// What models are fitted to after they are opened.
    private var lessons: WorkerRequest.FitHead?
    /// The models that are to be, and those of them that have been.
    private var students: Set<RewardSource.ModelNeed> = []
    private var taught: Set<RewardSource.ModelNeed> = []

    init(
        launcher: any WorkerLauncher,
        deadline: Duration,
        folders: [RewardSource.ModelNeed: RewardFolders],
        share: ThreadShare = .whole
    ) {
        self.share = share
        self.launcher = launcher
        self.deadline = deadline
        self.folders = folders
    }

    /// Has the worker of a model by name answer; a lost worker is replaced and asked again.
    func ask(
        _ model: RewardSource.ModelNeed,
        _ request: WorkerRequest
    ) async throws(HoneError) -> WorkerReply {
        var losses = 0
        while true {
            do throws(HoneError) {
                return try await port(model).request(request, deadline: deadline)
            } catch  where error.isLoss {
                losses += 1
                await open.removeValue(forKey: model)?.shutdown()
                guard losses < RunMachine.lossLimit else {
                    throw HoneError(
                        error.code,
                        "scoring with \"\(model.name)\" lost its worker \(losses) times in a row: "
                            + error.message
                    )
                }
            }
        }
    }

    /// Has models fit their heads to verdicts, now if they are open, and whenever they are opened.
    ///
    /// Each time they are held to what they were opened with, so that nothing depends on what was
    /// taught before.
    func teach(_ models: [RewardSource.ModelNeed], _ lessons: WorkerRequest.FitHead) {
        (students, self.lessons, taught) = (Set(models), lessons, [])
    }

    /// Whether models have something to learn beside what they were opened with.
    var isTaught: Bool { lessons != nil }

    private func port(_ model: RewardSource.ModelNeed) async throws(HoneError) -> any WorkerPort {
        let port = if let known = open[model] { known } else { try await opened(model) }
        if let lessons, students.contains(model), !taught.contains(model) {
            _ = try await port.request(.fitHead(lessons), deadline: deadline)
            taught.insert(model)
        }
        return port
    }

    private func opened(_ model: RewardSource.ModelNeed) async throws(HoneError) -> any WorkerPort {
        taught.remove(model)
        guard let folders = folders[model] else {
            throw HoneError(
                .unknownModel,
                "there is no model \"\(model.name)\" for the reward",
                param: model.name
            )
        }
        let port = try await launcher.launch(role: "reward", share: share)
        if isClosed { throw await port.refused() }
        open[model] = port
        let request: WorkerRequest =
            switch model {
            case .reward: .openReward(.init(modelFolder: folders.model))
            case .language, .compared, .policy:
                .openPolicy(
                    .init(
                        modelFolder: folders.model,
                        referenceFolder: folders.reference,
                        policyVersion: 0
                    )
                )
            }
        do throws(HoneError) { _ = try await port.request(request, deadline: deadline) } catch {
            // Nobody is to ask a worker without a model.
            open[model] = nil
            await port.shutdown()
            throw error
        }
        return port
    }

    /// What they are doing.
    var statuses: [WorkerStatus] {
        get async {
            var list: [WorkerStatus] = []
            for port in open.values { list.append(await port.status) }
            return list.sorted { $0.processID < $1.processID }
        }
    }

    /// Ends them all, those that are being launched too.
    func close() async {
        isClosed = true
        let ports = open.values
        open = [:]
        for port in ports { await port.shutdown() }
    }
}

extension RewardSource.ModelNeed {
    /// The name in the list of models; the run's own policy has none.
    var name: String { names.first ?? "" }
}

extension HoneError {
    /// Whether a worker is gone, so that its work must be done again elsewhere.
    var isLoss: Bool { code == .workerLost || code == .deadlineExceeded }
}
