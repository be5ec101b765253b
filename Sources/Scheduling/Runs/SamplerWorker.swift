import Domain
import Foundation
import WorkerProtocol

/// The worker that samples while another learns, and the policies that were published to it.
///
/// Policies pass as snapshot folders that are memory-mapped, one for each iteration that is still
/// to be sampled with. A snapshot is never flushed to the disk: one that is lost is written anew
/// when the run is opened.
actor SamplerWorker {
    private struct Policy {
        /// `nil` is the base model.
        var path: String?
        var version: Int
    }

    private let launcher: any WorkerLauncher
    private let deadline: Duration
    private let modelFolder: String
    private let referenceFolder: String?
    private let folder: DataFolder
    private let run: String
    private var port: (any WorkerPort)?
    private var openIteration: Int?
    private var isClosed = false
    private var policies: [Int: Policy] = [:]

    init(
        launcher: any WorkerLauncher,
        deadline: Duration,
        modelFolder: String,
        referenceFolder: String?,
        folder: DataFolder,
        run: String
    ) {
        self.launcher = launcher
        self.deadline = deadline
        self.modelFolder = modelFolder
        self.referenceFolder = referenceFolder
        self.folder = folder
        self.run = run
    }

    /// Where the learner is to write the policy after `iteration`; `nil` when there is no need:
    /// it is here (a redone iteration gives the same weights), or nothing samples with it any more.
    func destination(_ iteration: Int) throws(HoneError) -> String? {
        if policies[iteration] != nil || iteration < openIteration ?? iteration { return nil }
        try folder.create(folder.snapshots(run))
        return "\(folder.snapshots(run))/iteration-\(iteration)"
    }

    /// Takes a policy in; without a `path` it is the base model.
    func publish(_ iteration: Int, path: String?, version: Int) {
        policies[iteration] = Policy(path: path, version: version)
    }

    /// Has the policy after `iteration` draw; a lost worker is replaced at the next call.
    func sample(
        _ request: WorkerRequest.Sample,
        policyAfter iteration: Int
    ) async throws(HoneError) -> WorkerReply {
        do throws(HoneError) {
            let port = try await opened(iteration)
            return try await port.request(.sample(request), deadline: deadline)
        } catch  where error.isLoss {
            await port?.shutdown()
            port = nil
            openIteration = nil
            throw error
        }
    }

    private func opened(_ iteration: Int) async throws(HoneError) -> any WorkerPort {
        if let port, openIteration == iteration { return port }
        guard let policy = policies[iteration] else {
            throw HoneError(
                .internalError,
                "the policy after iteration \(iteration) was not published to the sampler"
            )
        }
        let port =
            if let port { port } else {
                try await launcher.launch(role: "sampler", share: .smallerHalf)
            }
        if isClosed { throw await port.refused() }
        self.port = port
        openIteration = nil
        _ = try await port.request(
            .openPolicy(
                .init(
                    modelFolder: modelFolder,
                    checkpointFolder: policy.path,
                    referenceFolder: referenceFolder,
                    policyVersion: policy.version
                )
            ),
            deadline: deadline
        )
        openIteration = iteration
        try dropPolicies(before: iteration)
        return port
    }

    /// Iterations are sampled in order, each by a policy no older than the one before.
    private func dropPolicies(before iteration: Int) throws(HoneError) {
        for old in policies.keys where old < iteration {
            if let path = policies.removeValue(forKey: old)?.path { try folder.remove(path) }
        }
    }

    /// What it is doing; `nil` when there is none.
    var status: WorkerStatus? {
        get async { await port?.status }
    }

    /// Removes what a killed process left.
    func removeSnapshots() throws(HoneError) { try folder.remove(folder.snapshots(run)) }

    /// Ends the worker, one that is being launched too, and forgets its policies.
    func close() async {
        isClosed = true
        let last = port
        port = nil
        openIteration = nil
        await last?.shutdown()
        policies = [:]
        try? removeSnapshots()
    }
}
