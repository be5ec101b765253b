import Domain
import WorkerProtocol

/// The reward-model workers of one run, launched when first needed.
actor RewardWorkers {
    private let launcher: any WorkerLauncher
    private let deadline: Duration
    /// Reward models' folders by name.
    private let folders: [String: String]
    private let share: ThreadShare
    private var open: [String: any WorkerPort] = [:]

    init(
        launcher: any WorkerLauncher,
        deadline: Duration,
        folders: [String: String],
        share: ThreadShare = .whole
    ) {
        self.share = share
        self.launcher = launcher
        self.deadline = deadline
        self.folders = folders
    }

    /// Scores texts with the model `name`; a lost worker is replaced and the texts scored again.
    func score(
        _ name: String,
        _ items: [WorkerRequest.ScoreItem]
    ) async throws(HoneError) -> [Double?] {
        var losses = 0
        while true {
            do throws(HoneError) {
                let reply = try await port(name).request(
                    .score(.init(items: items)),
                    deadline: deadline
                )
                guard case .scored(let scores) = reply, scores.count == items.count else {
                    throw HoneError(
                        .internalError,
                        "the reward worker gave another number of scores"
                    )
                }
                return scores.map(\.score)
            } catch  where error.isLoss {
                losses += 1
                await open.removeValue(forKey: name)?.shutdown()
                guard losses < RunMachine.lossLimit else {
                    throw HoneError(
                        error.code,
                        "scoring with \"\(name)\" lost its worker \(losses) times in a row: "
                            + error.message
                    )
                }
            }
        }
    }

    private func port(_ name: String) async throws(HoneError) -> any WorkerPort {
        if let port = open[name] { return port }
        guard let folder = folders[name] else {
            throw HoneError(.unknownModel, "there is no reward model \"\(name)\"", param: name)
        }
        let port = try await launcher.launch(role: "reward", share: share)
        open[name] = port
        _ = try await port.request(.openReward(.init(modelFolder: folder)), deadline: deadline)
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

    /// Ends them all.
    func close() async {
        let ports = open.values
        open = [:]
        for port in ports { await port.shutdown() }
    }
}

extension HoneError {
    /// Whether a worker is gone, so that its work must be done again elsewhere.
    var isLoss: Bool { code == .workerLost || code == .deadlineExceeded }
}
