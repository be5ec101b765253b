import Domain
import Foundation
import Kernels
import Training
import WorkerProtocol

/// Does the work of one worker process: at most one open policy and one open reward model.
///
/// `@unchecked Sendable`: the server calls it from one thread.
final class NumericHandler: WorkerHandler, @unchecked Sendable {
    let backend: CPUBackend
    private var policy: PolicySession?
    private var reward: RewardSession?
    private var rewardSpec = RewardModelSpec()
    /// Of a new head's weights, and of what each member of an ensemble learns from.
    private(set) var rewardSeed: UInt64 = 0
    /// Requests for completions that share the policy's batch.
    var samples: [SharedSample] = []
    /// What was drawn for those of them that want to see it, and not told yet.
    var drawn: [(id: Int, tokens: [DrawnToken])] = []

    init(threadCount: Int) { backend = CPUBackend(threadCount: threadCount) }

    func handle(_ request: WorkerRequest, progress: WorkerProgress) throws -> WorkerReply {
        switch request {
        case .importModel(let job):
            return .imported(
                .init(try ModelImport.importModel(from: job.source, to: job.destination))
            )
        case .createModel(let job):
            return .imported(
                .init(
                    try ModelCreation.create(
                        job.model,
                        tokenizerFolder: job.tokenizerFolder,
                        at: job.destination
                    )
                )
            )
        case .exportModel(let job):
            try ModelImport.exportModel(from: job.source, format: job.format, to: job.destination)
            return .done
        case .soup(let job):
            try ModelSoup.write(job.folders, shares: job.shares, to: job.destination)
            return .done
        case .plan(let job): return try plan(job)
        case .openPolicy(let job): return try open(job)
        case .openReward(let job): return try open(job)
        case .encode(let job): return .encoded(try job.items.map { try encode($0, job) })
        case .decode(let job):
            let text = try text()
            for sequence in job.sequences { try text.check(sequence.elements) }
            return .decoded(job.sequences.map { text.decode($0.elements) })
        case .logprobs(let job): return try logprobs(job, progress)
        case .measure(let job): return try measure(job, progress)
        case .score(let job): return try score(job, progress)
        case .compare(let job): return try compare(job, progress)
        case .fitHead(let job): return try fitHead(job, progress)
        case .update(let job): return try update(job, progress)
        case .checkpoint(let job): return try checkpoint(job)
        case .snapshot(let job): return try snapshot(job)
        case .sample(let job):
            if let beam = job.beam { return try search(job, beam, progress) }
            throw HoneError(.internalError, "\(request.name) is not done alone")
        case .shutdown:
            throw HoneError(.internalError, "\(request.name) is not done alone")
        }
    }

    // MARK: Opening

    private func open(_ job: WorkerRequest.OpenPolicy) throws -> WorkerReply {
        policy = nil
        let session = try PolicySession(
            modelFolder: job.modelFolder,
            checkpointFolder: job.checkpointFolder,
            training: job.training,
            reference: ReferencePlan(
                isThere: job.usesReference,
                folder: job.referenceFolder,
                decay: job.referenceDecay
            ),
            teacherFolders: job.teacherFolders,
            policyVersion: job.policyVersion,
            backend: backend
        )
        policy = session
        return .opened(
            .init(
                model: .init(try session.folder.facts(folder: session.folder.path)),
                policyVersion: session.policyVersion,
                step: session.learner?.optimizer.stepCount ?? 0
            )
        )
    }

    private func open(_ job: WorkerRequest.OpenReward) throws -> WorkerReply {
        reward = nil
        let session = try RewardSession(
            modelFolder: job.modelFolder,
            checkpointFolder: job.checkpointFolder,
            spec: job.rewardModel,
            training: job.training,
            seed: job.seed ?? 0,
            backend: backend
        )
        reward = session
        rewardSeed = job.seed ?? 0
        rewardSpec = job.rewardModel ?? RewardModelSpec()
        var facts = try session.folder.facts(folder: session.folder.path)
        facts.configuration = session.configuration
        return .opened(
            .init(
                model: .init(facts),
                policyVersion: 0,
                step: session.learner?.optimizer.stepCount ?? 0
            )
        )
    }

    func openedPolicy() throws(HoneError) -> PolicySession {
        guard let policy else {
            throw HoneError(.internalError, "no policy is open in this worker")
        }
        return policy
    }

    func openedReward() throws(HoneError) -> RewardSession {
        guard let reward else {
            throw HoneError(.internalError, "no reward model is open in this worker")
        }
        return reward
    }

    func text() throws(HoneError) -> TextCodec {
        if let policy { return policy.folder.text }
        return try openedReward().folder.text
    }

    /// Strength of the L2 penalty of the head fit.
    var headL2: Double { rewardSpec.headL2 }

    private func checkpoint(_ job: WorkerRequest.Checkpoint) throws -> WorkerReply {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let state = try encoder.encode(job.state)
        if let policy {
            try policy.checkpoint(
                to: job.destination,
                includesOptimizer: job.includesOptimizer,
                state: state
            )
        } else {
            try openedReward().checkpoint(
                to: job.destination,
                includesOptimizer: job.includesOptimizer,
                state: state
            )
        }
        return .done
    }
}
