public import Domain
public import Foundation
public import Kernels
import ModelFiles
import Models

/// An open policy: sampler, scorer and (when it is trained) learner over the same weights.
public final class PolicySession {
    /// The folder the weights came from: the base model's, or without adapters the checkpoint's.
    public let folder: ModelFolder
    /// Draws completions of the policy as it is now.
    public let sampler: Sampler
    /// Per-token log-probabilities under the policy as it is now.
    public let scorer: SequenceScorer
    /// `nil` for a policy that is only run.
    public let learner: PolicyLearner?
    /// Per-token log-probabilities under the reference policy.
    public let reference: SequenceScorer
    let weights: ParameterArena
    let adapters: LowRankAdapters?
    /// The reference policy's.
    private let referenceWeights: ParameterArena
    private let openedVersion: Int

    /// Opens a policy and its reference.
    ///
    /// - Parameters:
    ///   - modelFolder: the base model.
    ///   - checkpointFolder: weights (or adapters) and optimizer to go on from.
    ///   - training: set when updates will follow.
    ///   - referenceFolder: the reference policy; the base model without it.
    ///   - policyVersion: the version of the weights that are opened.
    ///   - backend: what computes the operations.
    /// - Throws: `invalidModelFile` when a folder cannot be read, or the checkpoint's tensors are
    /// not
    ///   those of the base model.
    public init(
        modelFolder: String,
        checkpointFolder: String?,
        training: TrainingPlan?,
        referenceFolder: String?,
        policyVersion: Int,
        backend: any Backend
    ) throws {
        let base = try ModelFolder(modelFolder)
        guard base.adapters == nil else {
            throw HoneError(
                .unsupportedModel,
                "\(modelFolder) holds a reward model's adapters: open the language model they are "
                    + "over",
                param: modelFolder
            )
        }
        let adapters = try Self.adapters(base, training)
        // With adapters the checkpoint's own weights are the merged ones: the base stays the base.
        let current =
            try adapters == nil ? checkpointFolder.map { try ModelFolder($0) } ?? base : base
        guard current.weights.table.entries == base.weights.table.entries else {
            throw HoneError(
                .invalidModelFile,
                "\(current.path) is not a checkpoint of \(modelFolder): its tensors differ",
                param: current.path
            )
        }
        weights = Self.ownWeights(current, training, backend)
        folder = current
        self.adapters = adapters
        openedVersion = policyVersion
        var gradients: ParameterArena?
        if let training {
            gradients =
                adapters.map { ParameterArena($0.arena.table) }
                ?? ParameterArena(
                    TrainableTable.select(
                        weights.table,
                        training.trainable,
                        layerCount: base.configuration.layerCount
                    )
                )
        }
        let model = try Transformer(
            base.configuration,
            backend: backend,
            weights: weights,
            gradients: gradients,
            adapters: adapters,
            decoding: DecodingWeights(format: .float32, borrowed: gradients?.all)
        )
        let head = try LanguageHead(model)
        sampler = Sampler(model: model, head: head, text: current.text)
        scorer = SequenceScorer(model: model, head: head)
        let referred = try referenceFolder.map { try ModelFolder($0) } ?? base
        referenceWeights = referred.weights
        reference = try Self.reference(referred, backend)
        learner = try training.map { plan in
            try Self.learner(model, head, adapters, plan, policyVersion, backend, checkpointFolder)
        }
        sampler.engine.weightsVersion = { [learner] in learner?.policyVersion ?? policyVersion }
    }

    private static func adapters(
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
    private static func ownWeights(
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

    private static func reference(
        _ folder: ModelFolder,
        _ backend: any Backend
    ) throws -> SequenceScorer {
        let model = try Transformer(folder.configuration, backend: backend, weights: folder.weights)
        return SequenceScorer(model: model, head: try LanguageHead(model))
    }

    private static func learner(
        _ model: Transformer,
        _ head: LanguageHead,
        _ adapters: LowRankAdapters?,
        _ plan: TrainingPlan,
        _ policyVersion: Int,
        _ backend: any Backend,
        _ checkpointFolder: String?
    ) throws -> PolicyLearner {
        guard let gradients = model.gradients else { preconditionFailure("made for training") }
        let communicator = LocalCommunicator()
        let optimizer = AdamW(
            plan.optimizer,
            groups: [.init(parameters: adapters?.arena ?? model.weights, gradients: gradients)],
            backend: backend,
            communicator: communicator
        )
        if let checkpointFolder {
            try OptimizerFile.read(optimizer, adapters: adapters, folder: checkpointFolder)
        }
        return PolicyLearner(
            model: model,
            head: head,
            optimizer: optimizer,
            policyVersion: policyVersion,
            activationMemoryBytes: plan.activationMemoryBytes,
            communicator: communicator
        )
    }

    /// The version of the weights now.
    public var policyVersion: Int { learner?.policyVersion ?? openedVersion }

    /// Makes room for optimizer steps: a mapped reference that shares nothing with the policy is read
    /// again from the page cache when it is next asked.
    public func beginLearning() {
        if adapters == nil && learner != nil { referenceWeights.unload() }
    }

    /// Groups of completions, with the reference's log-probabilities when asked for.
    public func sample(
        _ request: SampleRequest,
        includesReference: Bool,
        progress: (Int) -> Void = { _ in }
    ) throws -> [[SampledSequence]] {
        try complete(
            try sampler.sample(request, progress: progress),
            of: request,
            includesReference: includesReference,
            progress: progress
        )
    }

    /// Drawn completions with what drawing them does not give: the policy's own log-probabilities
    /// where other weights drew them, and the reference's when asked for.
    public func complete(
        _ completions: [[SampledSequence]],
        of request: SampleRequest,
        includesReference: Bool,
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [[SampledSequence]] {
        var groups = completions
        if let weights = request.parameters.weights, weights != .float32 {
            try score(&groups, request, scorer, \.logprobs, progress)
        }
        if includesReference {
            // While the reference's weights are read, those for sampling need not take memory.
            if learner != nil && adapters == nil { learner?.model.decoding?.discard() }
            try score(&groups, request, reference, \.referenceLogprobs, progress)
            // Nor the reference's beside what comes next.
            beginLearning()
        }
        return groups
    }

    private func score(
        _ groups: inout [[SampledSequence]],
        _ request: SampleRequest,
        _ scorer: SequenceScorer,
        _ field: WritableKeyPath<SampledSequence, [Float]>,
        _ progress: (Int) -> Void
    ) throws(HoneError) {
        let sequences = zip(request.prompts, groups).map { prompt, group in
            SequenceGroup(prompt: prompt, completions: group.map { $0.tokens })
        }
        for (index, group) in try scorer.logprobs(sequences, progress: progress).enumerated() {
            for (member, logprobs) in group.enumerated() {
                groups[index][member][keyPath: field] = logprobs
            }
        }
    }

    /// Publishes a checkpoint folder: whole or not at all.
    ///
    /// - Parameters:
    ///   - destination: the folder; an existing one is replaced.
    ///   - includesOptimizer: whether the moments are written too, to go on from.
    ///   - state: written as `state.json`.
    /// - Throws: `diskFull` or another failure to write, which leaves `destination` as it was.
    public func checkpoint(to destination: String, includesOptimizer: Bool, state: Data) throws {
        try AtomicDirectory.publish(at: destination, replacing: true) { staging in
            try folder.writer(weights: weights, adapters: adapters).writeHuggingFace(
                folder: staging
            )
            try state.write(to: URL(fileURLWithPath: staging + "/state.json"))
            if includesOptimizer, let learner {
                try OptimizerFile.write(learner.optimizer, adapters: adapters, folder: staging)
            }
        }
    }
}
