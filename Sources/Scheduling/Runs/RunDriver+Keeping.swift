import Domain
import Foundation
import Store
import WorkerProtocol

extension RunDriver {
    /// Has the worker write a checkpoint, records it and drops the oldest ones.
    func checkpoint(_ iteration: Int) async throws(HoneError) {
        let path = context.folder.checkpoint(record.id, step: policyVersion)
        try context.folder.create((path as NSString).deletingLastPathComponent)
        let reply = try await ask(
            .checkpoint(
                .init(destination: path, includesOptimizer: true, state: state(iteration))
            )
        )
        guard case .done = reply else { throw unexpected(reply) }
        try await context.store.insertCheckpoint(
            run: record.id,
            iteration: iteration,
            step: policyVersion,
            path: path,
            byteCount: context.folder.byteCount(path)
        )
        context.broker.wake(record.id)
        try await prune()
    }

    private func state(_ iteration: Int) -> Value {
        [
            "run": .string(record.id), "name": .string(spec.name),
            "iteration": .integer(iteration), "policy_version": .integer(policyVersion),
        ]
    }

    private func prune() async throws(HoneError) {
        let all = try await context.store.checkpoints(run: record.id)
        let kept = Set(all.suffix(max(1, spec.keepCheckpoints)).map(\.path))
        for old in all.dropLast(max(1, spec.keepCheckpoints)) {
            try await context.store.deleteCheckpoint(run: record.id, iteration: old.iteration)
            // An iteration without a step shares its folder with the one before.
            if !kept.contains(old.path) { try context.folder.remove(old.path) }
        }
    }

    /// Lists the result as a model under `publish_as`.
    func publish() async throws(HoneError) {
        let name = spec.publishAs
        if let model = try await context.store.model(name) {
            guard model.runID == record.id else {
                throw HoneError(
                    .alreadyExists,
                    "a model named \"\(name)\" exists: delete it and resume the run, or fork the "
                        + "run with another publish_as",
                    param: "$.publish_as"
                )
            }
            return try await publishRewards()
        }
        guard let summary else { throw HoneError(.workerLost, "the run's worker is closed") }
        let path = context.folder.model(name)
        try context.folder.create((path as NSString).deletingLastPathComponent)
        let reply = try await ask(
            .checkpoint(
                .init(
                    destination: path,
                    includesOptimizer: false,
                    state: state(machine.finishedIteration)
                )
            )
        )
        guard case .done = reply else { throw unexpected(reply) }
        try await context.store.insertModel(
            ModelRecord(
                name: name,
                isRewardModel: spec.kind == .rewardModel,
                rewardKind: spec.rewardKind,
                folder: path,
                configuration: summary.configuration,
                parameterCount: summary.parameterCount,
                byteCount: context.folder.byteCount(path),
                sourceType: summary.sourceType,
                runID: record.id,
                createdAt: context.store.now()
            )
        )
        try await context.store.appendEvent(
            run: record.id,
            kind: "published",
            payload: ["model": .string(name), "path": .string(path)]
        )
        try await publishRewards()
    }
}
