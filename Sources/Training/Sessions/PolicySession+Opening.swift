import Domain
import Kernels
import Models

// The parts of a session, made when it is opened.
extension PolicySession {
    /// A folder that must hold a language model; `mend` says what to do where it does not.
    static func languageModel(_ path: String, orElse mend: String) throws -> ModelFolder {
        let folder = try ModelFolder(path)
        guard folder.adapters == nil else {
            throw HoneError(
                .unsupportedModel,
                "\(path) holds a reward model's adapters: \(mend)",
                param: path
            )
        }
        return folder
    }

    /// The checkpoint's folder, or the base's without one.
    static func current(_ checkpoint: String?, of base: ModelFolder) throws -> ModelFolder {
        guard let checkpoint else { return base }
        let current = try ModelFolder(checkpoint)
        guard current.weights.table.entries == base.weights.table.entries else {
            throw HoneError(
                .invalidModelFile,
                "\(current.path) is not a checkpoint of \(base.path): its tensors differ",
                param: current.path
            )
        }
        return current
    }

    /// Room for the gradients of what is trained: the adapters, or the chosen weights.
    static func gradients(
        _ plan: TrainingPlan,
        _ weights: ParameterArena,
        _ adapters: LowRankAdapters?,
        _ shape: ModelConfiguration
    ) -> ParameterArena {
        if let adapters { return ParameterArena(adapters.arena.table) }
        return ParameterArena(
            TrainableTable.select(weights.table, plan.trainable, layerCount: shape.layerCount)
        )
    }

    static func adapters(
        _ base: ModelFolder,
        _ training: TrainingPlan?
    ) throws -> LowRankAdapters? {
        guard let training, case .lora(let rank, let alpha) = training.trainable else { return nil }
        return try LowRankAdapters(
            base.configuration,
            rank: rank,
            alpha: alpha,
            seed: training.seed
        )
    }

    /// Weights that may be written to: a copy when they are trained in place, since the folder's own
    /// are a read-only mapping or the reference policy's.
    static func ownWeights(
        _ folder: ModelFolder,
        _ training: TrainingPlan?,
        _ backend: any Backend
    ) -> ParameterArena {
        guard let training else { return folder.weights }
        if case .lora = training.trainable { return folder.weights }
        let copy = ParameterArena(folder.weights.table)
        backend.copy(folder.weights.all, into: copy.all)
        // The reference policy reads them again when it has something to score.
        folder.weights.unload()
        return copy
    }

    /// A model that is only run.
    static func frozen(
        _ folder: ModelFolder,
        _ backend: any Backend
    ) throws -> ComparedModels.Frozen {
        let model = try Transformer(folder.configuration, backend: backend, weights: folder.weights)
        let head = try LanguageHead(model)
        return .init(
            model: model,
            head: head,
            scorer: SequenceScorer(model: model, head: head)
        )
    }

    /// The models that are distilled from, whose tokens must be the policy's.
    static func teachers(
        _ folders: [String],
        of shape: ModelConfiguration,
        _ backend: any Backend
    ) throws -> [ComparedModels.Frozen] {
        guard folders.count <= 2 else {
            throw HoneError(
                .invalidSpec,
                "\(folders.count) teachers were given: there may be a teacher and a contrast",
                param: "teachers"
            )
        }
        return try folders.map { path in
            let folder = try languageModel(path, orElse: "a teacher is a language model")
            guard folder.configuration.vocabularySize == shape.vocabularySize else {
                throw HoneError(
                    .vocabularyMismatch,
                    "the teacher \(path) has a vocabulary of \(folder.configuration.vocabularySize) "
                        + "tokens, the policy one of \(shape.vocabularySize): take a teacher of the "
                        + "same family",
                    param: path
                )
            }
            return try frozen(folder, backend)
        }
    }

    static func learner(
        _ model: Transformer,
        _ head: LanguageHead,
        _ plan: TrainingPlan,
        _ policyVersion: Int,
        scorer: SequenceScorer,
        compared: ComparedModels
    ) -> PolicyLearner {
        guard let gradients = model.gradients else { preconditionFailure("made for training") }
        let communicator = LocalCommunicator()
        let parameters = model.adapters?.arena ?? model.weights
        let optimizer = AdamW(
            plan.optimizer,
            groups: [.init(parameters: parameters, gradients: gradients)],
            backend: model.backend,
            communicator: communicator
        )
        let learner = PolicyLearner(
            model: model,
            head: head,
            optimizer: optimizer,
            policyVersion: policyVersion,
            activationMemoryBytes: plan.activationMemoryBytes,
            scorer: scorer,
            compared: compared,
            communicator: communicator
        )
        return learner
    }

    /// Gives a learner what its plan asks for beside the weights, as the checkpoint has it.
    static func complete(
        _ learner: PolicyLearner,
        _ plan: TrainingPlan,
        _ critic: Critic?,
        checkpoint: String?
    ) throws {
        if let checkpoint { try restore(learner, critic, from: checkpoint) }
        if let critic, learner.critic == nil { learner.add(critic) }
        if plan.trainsValueHead { learner.addValueHead() }
    }

    /// Goes on from a checkpoint, with the value head that an update may have added, or the critic.
    ///
    /// A run that is forked to an objective with one may start from a checkpoint without: the head
    /// or critic is then made afterwards.
    private static func restore(
        _ learner: PolicyLearner,
        _ critic: Critic?,
        from folder: String
    ) throws {
        let hasCritic = ArenaFile.exists(Critic.fileName, folder: folder)
        if let critic, hasCritic { learner.add(critic) }
        if critic == nil, try ValueHeadFile.isExpected(in: folder) { learner.addValueHead() }
        try OptimizerFile.read(learner.optimizer, adapters: learner.model.adapters, folder: folder)
        try learner.valueHead.map { try ValueHeadFile.read($0, folder: folder) }
        if let critic, hasCritic {
            try ArenaFile.read(critic.parts, from: folder + "/" + Critic.fileName)
        }
    }
}
