import Domain
import Objectives
import Store
import WorkerProtocol

extension RunDriver {
    var trainingPlan: WorkerRequest.TrainingPlan { WorkerRequest.TrainingPlan(spec) }

    /// Launches the run's worker with the newest checkpoint, or the base model.
    func open() async throws(HoneError) {
        await worker?.shutdown()
        worker = nil
        lessons = nil
        metrics = IterationMetrics()
        let port = try await context.launcher.launch(
            role: spec.kind == .rewardModel ? "reward" : "policy",
            share: machine.shape.overlaps ? .largerHalf : .whole
        )
        worker = port
        let checkpoint = try await newestCheckpoint()
        let reply = try await ask(openRequest(checkpoint))
        guard case .opened(let opened) = reply else { throw unexpected(reply) }
        summary = opened.model
        // A reward model has no version of its own; its optimizer steps count for it.
        policyVersion = spec.kind == .rewardModel ? opened.step : opened.policyVersion
    }

    /// Publishes the policy as it is to the sampling lane's worker.
    func snapshot(_ iteration: Int) async throws(HoneError) {
        let isFirst = iteration == machine.shape.firstIteration
        if isFirst, try await newestCheckpoint() == nil {
            return await sampler.publish(iteration, path: nil, version: policyVersion)
        }
        guard let path = try await sampler.destination(iteration) else { return }
        let reply = try await ask(.snapshot(.init(destination: path)))
        guard case .done = reply else { throw unexpected(reply) }
        await sampler.publish(iteration, path: path, version: policyVersion)
    }

    private func openRequest(_ checkpoint: CheckpointRecord?) -> WorkerRequest {
        guard spec.kind != .rewardModel else {
            return .openReward(
                .init(
                    modelFolder: inputs.modelFolder,
                    checkpointFolder: checkpoint?.path,
                    rewardModel: spec.rewardModel,
                    training: trainingPlan,
                    seed: spec.seed
                )
            )
        }
        return .openPolicy(
            .init(
                modelFolder: inputs.modelFolder,
                checkpointFolder: checkpoint?.path,
                training: trainingPlan,
                policyVersion: checkpoint?.step ?? 0,
                teacherFolders: inputs.teacherFolders
            )
        )
    }

    /// The error for an answer of another kind than the request's.
    func unexpected(_ reply: WorkerReply) -> HoneError {
        let words = String(describing: reply).prefix(80)
        return HoneError(.internalError, "the worker gave an answer of another kind: \(words)")
    }
}

extension WorkerRequest.TrainingPlan {
    /// What of a spec does not change from step to step.
    init(_ spec: RunSpec) {
        self.init(
            trainable: spec.trainable,
            optimizer: spec.optimizer,
            activationMemoryBytes: spec.activationMemoryBytes,
            seed: spec.seed,
            trainsValueHead: ElementReader(spec).needs.trainsValues
        )
    }
}
