public import Domain
public import Foundation
public import Kernels
import ModelFiles
import Models
public import Objectives

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
    let weights: ParameterArena
    let adapters: LowRankAdapters?
    /// The reference policy; `nil` without one.
    private let frozenReference: ComparedModels.Frozen?
    private let openedVersion: Int
    /// What draws from the mixture, and from the reference alone; there while they are used.
    private var mixtureEngine: SamplingEngine?
    private var referenceEngine: SamplingEngine?

    /// Opens a policy and its reference.
    ///
    /// - Parameters:
    ///   - modelFolder: the base model.
    ///   - checkpointFolder: weights (or adapters) and optimizer to go on from.
    ///   - training: set when updates will follow.
    ///   - reference: the reference policy; the base model unless said.
    ///   - teacherFolders: the models that are distilled from: none, a teacher, or a teacher and its
    ///     contrast.
    ///   - policyVersion: the version of the weights that are opened.
    ///   - backend: what computes the operations.
    /// - Throws: `invalidModelFile` when a folder cannot be read, or the checkpoint's tensors are
    ///   not those of the base model; `vocabularyMismatch` when a teacher has another vocabulary.
    public init(
        modelFolder: String,
        checkpointFolder: String?,
        training: TrainingPlan?,
        reference: ReferencePlan,
        teacherFolders: [String] = [],
        policyVersion: Int,
        backend: any Backend
    ) throws {
        for case let path? in [modelFolder, checkpointFolder] {
            try Checksums.verify(folder: path)
        }
        let base = try Self.languageModel(
            modelFolder,
            orElse: "open the language model they are over"
        )
        let adapters = try Self.adapters(base, training)
        // With adapters the checkpoint's own weights are the merged ones: the base stays the base.
        folder = try Self.current(adapters == nil ? checkpointFolder : nil, of: base)
        let weights = Self.ownWeights(folder, training, backend)
        self.weights = weights
        self.adapters = adapters
        openedVersion = policyVersion
        let gradients = training.map { Self.gradients($0, weights, adapters, base.configuration) }
        let model = try Transformer(
            base.configuration,
            backend: backend,
            weights: weights,
            gradients: gradients,
            adapters: adapters,
            decoding: DecodingWeights(format: .float32, borrowed: gradients?.all)
        )
        let head = try LanguageHead(model)
        sampler = Sampler(model: model, head: head, text: folder.text)
        let scorer = SequenceScorer(model: model, head: head)
        self.scorer = scorer
        let (frozen, moving) = try Self.reference(
            reference,
            base,
            model,
            checkpoint: checkpointFolder
        )
        frozenReference = frozen
        let teachers = try Self.teachers(teacherFolders, of: base.configuration, backend)
        learner = try training.map { plan in
            let learner = Self.learner(
                model,
                head,
                plan,
                policyVersion,
                scorer: scorer,
                compared: ComparedModels(reference: frozen, teachers: teachers)
            )
            learner.movingReference = moving
            let critic = try Self.critic(plan, base, backend)
            try Self.complete(learner, plan, critic, checkpoint: checkpointFolder)
            return learner
        }
        sampler.engine.weightsVersion = { [learner] in learner?.policyVersion ?? policyVersion }
    }

    /// The version of the weights now.
    public var policyVersion: Int { learner?.policyVersion ?? openedVersion }

    /// Makes room for optimizer steps: a mapped reference that shares nothing with the policy is read
    /// again from the page cache when it is next asked.
    ///
    /// - Parameter requirements: of the objective; one whose steps run the reference keeps it in
    ///   memory.
    public func beginLearning(_ requirements: DataRequirements? = nil) {
        if requirements?.runsReference == true { return }
        if adapters == nil && learner != nil { frozenReference?.model.weights.unload() }
    }

    /// Per-token log-probabilities under the reference policy.
    ///
    /// - Throws: `invalidSpec` when there is none.
    public var reference: SequenceScorer {
        get throws(HoneError) { try referenceModel.scorer }
    }

    var referenceModel: ComparedModels.Frozen {
        get throws(HoneError) {
            guard let frozenReference else { throw Self.noReference }
            return frozenReference
        }
    }

    static var noReference: HoneError {
        HoneError(
            .invalidSpec,
            "the policy was opened without a reference (reference: none): name one in the run's spec",
            param: "reference"
        )
    }

    /// For each group, for each completion, the value head's estimate before each token is drawn.
    ///
    /// - Throws: `invalidSpec` when no value head is trained, `promptTooLong` for sequences beyond
    ///   the model's context.
    public func values(
        _ groups: [SequenceGroup],
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [[[Float]]] {
        if let critic = learner?.critic {
            return try critic.scorer.values(groups, by: critic.head, progress: progress)
        }
        guard let valueHead = learner?.valueHead else {
            throw HoneError(
                .invalidSpec,
                "the policy has no value head: train it with an objective that has one, such as "
                    + "value_loss",
                param: "objective"
            )
        }
        return try scorer.values(groups, by: valueHead, progress: progress)
    }

    /// For each group, for each completion, what the policy's distributions over its tokens are like.
    ///
    /// - Parameters:
    ///   - groups: the sequences; only completion tokens are given figures.
    ///   - topCount: of how many of the likeliest tokens the mass is given, from 1 to 64.
    ///   - listsTopTokens: whether those tokens are given too.
    ///   - comparesReference: whether the exact KL from the reference is given too.
    ///   - progress: gets the tokens that are done.
    /// - Returns: one figure for each completion token.
    /// - Throws: `promptTooLong` for sequences beyond the models' context, `vocabularyMismatch` when
    ///   the reference has another vocabulary.
    public func figures(
        _ groups: [SequenceGroup],
        topCount: Int,
        listsTopTokens: Bool = false,
        comparesReference: Bool,
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [[[TokenFigure]]] {
        let compared = comparesReference ? try reference : nil
        if let compared, compared.vocabularySize != scorer.vocabularySize {
            throw HoneError(
                .vocabularyMismatch,
                "the reference has a vocabulary of \(compared.vocabularySize) tokens, the policy one "
                    + "of \(scorer.vocabularySize): take a reference of the same family",
                param: "reference"
            )
        }
        return try scorer.figures(
            groups,
            topCount: min(max(topCount, 1), CPUBackend.mostTopTokens),
            listsTopTokens: listsTopTokens,
            reference: compared,
            progress: progress
        )
    }

    /// Groups of completions, with the reference's log-probabilities when asked for.
    public func sample(
        _ request: SampleRequest,
        includesReference: Bool,
        progress: (Int) -> Void = { _ in }
    ) throws -> [[SampledSequence]] {
        try complete(
            try Sampler(engine(for: request)).sample(request, progress: progress),
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
        let weights = request.parameters.weights ?? .float32
        // Where others than the policy as it is drew, its own numbers are not there yet.
        if weights != .float32 || request.mixture >= 1 {
            try score(&groups, request, scorer, \.logprobs, progress)
        }
        dropOpponents()
        if includesReference {
            // While the reference's weights are read, those for sampling need not take memory.
            if learner != nil && adapters == nil { learner?.model.decoding?.discard() }
            try score(&groups, request, reference, \.referenceLogprobs, progress)
            // Nor the reference's beside what comes next.
            beginLearning()
        }
        return groups
    }

    /// The opponents' engines that there are.
    var opponentEngines: [SamplingEngine] {
        [mixtureEngine, referenceEngine].compactMap(\.self)
    }

    /// The opponent's engine, made when it is not there.
    func opponentEngine(isReference: Bool, make: () -> SamplingEngine) -> SamplingEngine {
        let engine = (isReference ? referenceEngine : mixtureEngine) ?? make()
        if isReference { referenceEngine = engine } else { mixtureEngine = engine }
        return engine
    }

    /// Frees the keys and values of opponents that have nothing to draw.
    private func dropOpponents() {
        if mixtureEngine?.isIdle == true { mixtureEngine = nil }
        if referenceEngine?.isIdle == true { referenceEngine = nil }
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

    /// Completions with the reference's log-probabilities.
    public func addReferences(
        _ completions: [[SampledSequence]],
        to prompts: [[Int32]]
    ) throws(HoneError) -> [[SampledSequence]] {
        let request = SampleRequest(
            prompts: prompts,
            streams: Array(prompts.indices),
            groupSize: 1,
            parameters: SamplingParameters(),
            seed: 0
        )
        var groups = completions
        try score(&groups, request, reference, \.referenceLogprobs) { _ in }
        return groups
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
                try learner.valueHead.map { try ValueHeadFile.write($0, folder: staging) }
                try learner.critic.map {
                    try ArenaFile.write($0.parts, to: staging + "/" + Critic.fileName)
                }
                try learner.movingReference.map {
                    try ArenaFile.write(
                        [("", $0.arena)],
                        to: staging + "/" + MovingReference.fileName
                    )
                }
                try Checksums.write(folder: staging)
            }
        }
    }
}
