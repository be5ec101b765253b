import Domain
import Objectives
import Store
import WorkerProtocol

extension RunDriver {
    var trainingPlan: TrainingPlan {
        TrainingPlan(spec, criticFolder: inputs.criticFolder)
    }

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
        // The run may have been stopped meanwhile.
        if isStopped { throw await port.refused() }
        worker = port
        try await makeSoup()
        let checkpoint = try await newestCheckpoint()
        if checkpoint == nil && record.parent != nil {
            throw HoneError(
                .invalidModelFile,
                "no checkpoint of the fork \(spec.name) is left, and without what it was forked from it "
                    + "would be another run: fork again"
            )
        }
        let reply = try await ask(openRequest(checkpoint))
        guard case .opened(let opened) = reply else { throw unexpected(reply) }
        summary = opened.model
        // A reward model has no version of its own; its optimizer steps count for it.
        policyVersion = spec.kind == .rewardModel ? opened.step : opened.policyVersion
        if checkpoint == nil { try await noteUncorrectedLag() }
        try checkForkedSteps()
        if spec.kind == .external {
            // Steps behind the checkpoint are lost, and with them what they learned from verdicts.
            let kept = checkpoint?.iteration ?? machine.shape.firstIteration
            try await context.store.forgetFeedbackUses(run: record.id, after: kept)
        }
    }

    /// Refuses to skip or repeat steps: those of fixed data are dealt to iterations by the spec.
    private func checkForkedSteps() throws(HoneError) {
        let (shape, first) = (machine.shape, machine.shape.firstIteration)
        guard record.parent != nil, case .fixed = shape.learning, let origin = forkedStep else {
            return
        }
        let dealt = shape.fixedSteps(of: first).upperBound
        guard dealt != origin || shape.iterations <= first else { return }
        throw HoneError(
            .invalidSpec,
            "the fork would go on at step \(dealt) of iteration \(first + 1) of \(shape.iterations), and the "
                + "checkpoint that it is of has made \(origin): choose update_epochs, iterations and "
                + "minibatch_size so that they agree, such as twice the epochs and twice the iterations",
            param: "$.iterations"
        )
    }

    /// The optimizer steps behind what a fork began from, while it stands there.
    private var forkedStep: Int? {
        machine.checkpointIteration == machine.shape.firstIteration ? policyVersion : nil
    }

    /// Tells whoever asked for late samples that the loss does not correct for them.
    private func noteUncorrectedLag() async throws(HoneError) {
        guard machine.shape.overlaps, inputs.objective.kind != .pairs else { return }
        // Its correction for what tokens were drawn from asks for the same numbers and does not see the lag.
        var objective = spec.objective
        objective.parameters = .object(
            (objective.parameters.objectValue ?? [:]).filter { !$0.key.hasPrefix("importance_") }
        )
        let fields = try requirements(objective).fields
        guard fields.isDisjoint(with: [.oldLogprobs, .behaviorLogprobs]) else { return }
        try await note(
            "max_staleness is \(spec.maxStaleness), and \(spec.objective.name) does not correct for "
                + "samples of an older policy: they bias it. Take an objective with a ratio, such as grpo"
        )
    }

    /// Averages the models that the reference is made of, once in the life of a run.
    private func makeSoup() async throws(HoneError) {
        guard let destination = inputs.referenceFolder, !context.folder.exists(destination) else {
            return
        }
        let shares = spec.reference.soupParts.map(\.share)
        let reply = try await ask(
            .soup(.init(folders: inputs.soupFolders, shares: shares, destination: destination))
        )
        guard case .done = reply else { throw unexpected(reply) }
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

    /// Forgets the newest checkpoint, when that is what could not be read, and says so.
    ///
    /// Its folder stays until the redone iteration writes it anew. What a fork begins from is not passed
    /// over: the run would be another one.
    func fallingBack(from error: HoneError) async -> RunMachine.Event {
        do throws(HoneError) {
            guard let damaged = try await newestCheckpoint(),
                error.param?.hasPrefix(damaged.path) == true,
                damaged.iteration > machine.shape.firstIteration
            else { return .failed(error) }
            try await context.store.deleteCheckpoint(
                run: record.id,
                iteration: damaged.iteration
            )
            let before = try await newestCheckpoint()
            let start = before.map { "that of iteration \($0.iteration)" } ?? "the beginning"
            try await note(
                "the checkpoint of iteration \(damaged.iteration) cannot be used, going on from "
                    + "\(start): \(error.message)"
            )
            return .fellBack(checkpoint: before?.iteration)
        } catch {
            return .failed(error)
        }
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
        var order = WorkerRequest.OpenPolicy(
            modelFolder: inputs.modelFolder,
            checkpointFolder: checkpoint?.path,
            training: trainingPlan,
            referenceFolder: inputs.referenceFolder,
            policyVersion: checkpoint?.step ?? 0,
            teacherFolders: inputs.teacherFolders
        )
        order.usesReference = spec.reference != .absent
        order.referenceDecay = spec.reference.decay
        return .openPolicy(order)
    }

    /// Log-probabilities, or values: for each group, for each completion, one number for each token.
    func tokenFigures(
        _ source: WorkerRequest.Logprobs.Source,
        _ groups: [WorkerRequest.SequenceGroup]
    ) async throws(HoneError) -> [[[Float]]] {
        let reply = try await ask(.logprobs(.init(source: source, groups: groups)))
        guard case .logprobs(let figures) = reply,
            figures.map(\.count) == groups.map(\.completions.count)
        else { throw unexpected(reply) }
        return figures.map { $0.map(\.elements) }
    }

    /// The error for an answer of another kind than the request's.
    func unexpected(_ reply: WorkerReply) -> HoneError {
        let words = String(describing: reply).prefix(80)
        return HoneError(.internalError, "the worker gave an answer of another kind: \(words)")
    }
}

extension TrainingPlan {
    /// What of a spec does not change from step to step.
    init(_ spec: RunSpec, criticFolder: String? = nil) {
        self.init(
            trainable: spec.trainable,
            optimizer: spec.optimizer,
            activationMemoryBytes: spec.activationMemoryBytes,
            seed: spec.seed,
            trainsValueHead: ElementReader(spec).needs.trainsValues
        )
        if trainsValueHead, spec.valueModel?.name == .separate {
            critic = CriticPlan(folder: criticFolder)
        }
    }
}
