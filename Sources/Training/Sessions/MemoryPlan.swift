public import Domain
import Kernels
import Models

/// What a worker takes, computed before anything is loaded.
public struct MemoryPlan: Sendable {
    /// What the worker does with the model.
    public enum Role: Sendable, Hashable {
        /// Samples, scores and perhaps learns beside a reference policy.
        case policy
        /// Scores texts and perhaps learns to; with the lowest so many layers.
        case reward(layers: Int?)
    }

    /// Resident memory of the worker at its peak, bytes; mapped weights count once.
    public var memoryBytes: Int
    /// The part of `memoryBytes` that other workers share when they map the same file.
    public var sharedBytes: Int
    /// Memory that is allocated, whether it is touched or not, bytes; no mapped file is in it.
    public var allocatedBytes: Int
    /// One checkpoint with optimizer, bytes.
    public var checkpointBytes: Int
    /// Number of weights that training changes; 0 without training.
    public var trainableParameterCount: Int

    /// Plans for a model whose file can be mapped as it lies.
    ///
    /// - Parameters:
    ///   - shape: the model's.
    ///   - role: what is done with it.
    ///   - training: set when updates will follow.
    ///   - teachers: the models that a policy is compared with beside its reference.
    ///   - critic: the model that estimates values with weights of its own.
    ///   - workload: how much is done at once; `nil` when nobody knows.
    /// - Throws: `unsupportedModel` for an unknown architecture.
    public init(
        _ shape: ModelConfiguration,
        role: Role = .policy,
        training: TrainingPlan?,
        teachers: [ModelConfiguration] = [],
        critic: ModelConfiguration? = nil,
        workload: MemoryWorkload? = nil
    ) throws(HoneError) {
        var parts = try MemoryParts(shape, role, training, workload ?? .unknown)
        if let critic, let training {
            try parts.addCritic(critic, training, workload ?? .unknown)
        }
        for teacher in teachers { try parts.addTeacher(teacher, workload ?? .unknown) }
        // The pages of a reference that shares nothing with the policy are let go for a step
        // (PolicySession.beginLearning). Fixed data is scored before the first one.
        let step = 4 * parts.gradients + parts.learning + parts.comparedMapping
        // An opponent is drawn with the policy's weights packed where the gradients will be.
        let drawing = workload?.opponentWork == nil ? 0 : 4 * parts.gradients
        let alternating = max(step, parts.referenceMapping + drawing)
        let lasting = 4 * (parts.owned + 2 * parts.moments) + parts.working
        allocatedBytes = lasting + 4 * parts.gradients + parts.learning
        sharedBytes = parts.lastingMapping
        memoryBytes = Self.processBytes(shape) + lasting + sharedBytes + alternating
        checkpointBytes = 4 * parts.written + 8 * parts.moments + 8 << 20
        trainableParameterCount = parts.trained
    }

    /// A worker before it opens a model, and a tokenizer; measured.
    private static func processBytes(_ shape: ModelConfiguration) -> Int {
        28 << 20 + 256 * shape.vocabularySize
    }
}

/// The terms of a plan: numbers of float32 for what is as large as weights, bytes for the rest.
private struct MemoryParts {
    var trained = 0
    /// Weights and adapters in memory of the worker's own.
    var owned = 0
    var gradients = 0
    var moments = 0
    /// Weights that a checkpoint holds.
    var written = 0
    /// Mapped weights that are in use throughout, bytes.
    var lastingMapping = 0
    /// Mapped weights that only the reference policy uses, bytes.
    var referenceMapping = 0
    /// Mapped weights of the models that a step compares the policy with, bytes.
    var comparedMapping = 0
    /// Activations, logits, keys and values: they stay from one use to the next.
    var working = 0
    /// What a step takes besides.
    var learning = 0

    init(
        _ shape: ModelConfiguration,
        _ role: MemoryPlan.Role,
        _ training: TrainingPlan?,
        _ workload: MemoryWorkload
    ) throws(HoneError) {
        var shape = shape
        if case .reward(let layers) = role { shape = shape.keeping(layers: layers ?? .max) }
        let family = try ArchitectureCatalogue.find(shape.architecture)
        let table = ParameterTable(family.entries(shape))
        try addWeights(shape, table, role, training, workload)
        let rank = if case .lora(let rank, _) = training?.trainable { rank } else { 0 }
        if role == .policy {
            addPolicy(shape, rank, workload, learns: training != nil)
        } else {
            working += inference(shape, RewardModel.passTokens, rank)
        }
        if let training { addLearning(shape, role, rank, training, workload) }
    }

    private mutating func addWeights(
        _ shape: ModelConfiguration,
        _ table: ParameterTable,
        _ role: MemoryPlan.Role,
        _ training: TrainingPlan?,
        _ workload: MemoryWorkload
    ) throws(HoneError) {
        let isPolicy = role == .policy
        written = table.count
        guard let training else {
            lastingMapping = 4 * table.count
            return
        }
        if case .lora(let rank, _) = training.trainable {
            trained = try LowRankAdapters.table(shape, rank: rank).count
            owned = trained
            lastingMapping = 4 * table.count
            // A reward's base is not written again; a policy's optimizer file holds its adapters.
            written = isPolicy ? table.count + trained : trained
        } else {
            let layers = shape.layerCount
            trained =
                TrainableTable.select(table, training.trainable, layerCount: layers)
                .filter { isPolicy || $0.name != "lm_head.weight" }.count
            owned = table.count
            let isMapped = isPolicy && !workload.movesReference
            if isMapped && workload.usesReference { referenceMapping = 4 * table.count }
            if isMapped && workload.comparesReference { comparedMapping = 4 * table.count }
        }
        if isPolicy && workload.movesReference {
            written += owned
            owned *= 2
        }
        gradients = trained
        moments = trained
        if isPolicy && training.trainsValueHead {
            // Weights, gradients and two moments.
            let head = ValueHead.table(shape).count
            trained += head
            working += 4 * 4 * head
            // What is sampled is given values before it is learned from.
            let rank = if case .lora(let rank, _) = training.trainable { rank } else { 0 }
            if !workload.promptTokens.isEmpty {
                working += inference(shape, workload.scoringTokens, rank)
            }
        }
    }

    /// A value model beside the policy: what it trains, and its share of the activations.
    mutating func addCritic(
        _ shape: ModelConfiguration,
        _ training: TrainingPlan,
        _ workload: MemoryWorkload
    ) throws(HoneError) {
        let table = ParameterTable(
            try ArchitectureCatalogue.find(shape.architecture).entries(shape)
        )
        let rank = if case .lora(let rank, _) = training.trainable { rank } else { 0 }
        var count = try LowRankAdapters.table(shape, rank: max(1, rank)).count
        if rank == 0 {
            count =
                TrainableTable.select(table, training.trainable, layerCount: shape.layerCount)
                .filter { $0.name != "lm_head.weight" }.count
        }
        trained += count
        // Its own panels are never packed, so that its gradients hold nothing else.
        working += 4 * count
        moments += count
        let held = rank == 0 ? table.count : count
        owned += held
        written += held
        working += inference(shape, workload.scoringTokens, rank)
        working += 4 * LanguageHead.chunkRows(shape) * shape.vocabularySize
        let budget = ActivationBudget(
            shape: shape,
            adapterRank: rank,
            bytes: training.activationMemoryBytes / 2
        )
        let tokens = workload.microbatchTokens(limit: budget.tokens)
        if tokens == 0 { return }
        working +=
            ActivationBudget.capacity(tokens) * budget.bytesPerToken(budget.plan(largest: tokens))
    }

    /// A model beside the policy and its reference, run over each microbatch.
    mutating func addTeacher(
        _ shape: ModelConfiguration,
        _ workload: MemoryWorkload
    ) throws(HoneError) {
        let family = try ArchitectureCatalogue.find(shape.architecture)
        comparedMapping += 4 * ParameterTable(family.entries(shape)).count
        working += 4 * LanguageHead.chunkRows(shape) * shape.vocabularySize
        working += inference(shape, SequenceScorer.passTokens, 0)
    }

    private mutating func addPolicy(
        _ shape: ModelConfiguration,
        _ rank: Int,
        _ workload: MemoryWorkload,
        learns: Bool
    ) {
        let chunk = LanguageHead.chunkRows(shape)
        working += 4 * chunk * (2 * shape.vocabularySize + shape.hiddenSize)
        let rows = workload.cacheRows(context: shape.contextLength)
        if rows > 0 {
            working += cache(shape, rows, workload)
            // Packed weights lie where the gradients will be, when that is room enough.
            let panels = DecodingWeights.bytes(shape, format: .float32)
            if panels > 4 * gradients { working += panels }
            working += inference(shape, workload.samplingTokens, rank)
        }
        if let opponent = workload.opponentWork {
            let rows = opponent.cacheRows(context: shape.contextLength)
            working += workload.opponentModels * cache(shape, rows, opponent)
            // The reference's; the policy's own may be as large.
            working += workload.opponentModels * inference(shape, opponent.samplingTokens, rank)
            working += 4 * chunk * shape.hiddenSize
        }
        if workload.usesReference || workload.comparesReference {
            working += inference(shape, workload.scoringTokens, 0)
        }
        // The policy's own scorer.
        if learns && workload.scoresMismatched {
            working += inference(shape, workload.scoringTokens, rank)
        }
    }

    /// Keys and values of sampling, those of kept prompts among them, bytes.
    private func cache(
        _ shape: ModelConfiguration,
        _ rows: Int,
        _ workload: MemoryWorkload
    ) -> Int {
        let kept = min(
            workload.promptTokens.reduce(0, +),
            SamplingLimits().prefixRowCount(shape)
        )
        return KeyValueCache.bytes(shape, rowCount: max(SamplingEngine.firstRows, rows + kept))
    }

    private mutating func addLearning(
        _ shape: ModelConfiguration,
        _ role: MemoryPlan.Role,
        _ rank: Int,
        _ training: TrainingPlan,
        _ workload: MemoryWorkload
    ) {
        let budget = ActivationBudget(
            shape: shape,
            adapterRank: rank,
            bytes: training.activationMemoryBytes
        )
        let tokens = workload.microbatchTokens(limit: budget.tokens)
        if tokens == 0 { return }
        working +=
            ActivationBudget.capacity(tokens) * budget.bytesPerToken(budget.plan(largest: tokens))
        // The head's gathered and normed rows and their gradients; a reward's pooled states.
        learning += 4 * 4 * tokens * shape.hiddenSize
        if role == .policy && training.trainsValueHead {
            // The same for the value head.
            learning += 4 * 4 * tokens * shape.hiddenSize
        }
    }

    private func inference(_ shape: ModelConfiguration, _ tokens: Int, _ rank: Int) -> Int {
        Activations.bytes(shape, tokens: tokens, plan: .inference, adapterRank: rank)
            // The head's gathered and normed rows.
            + 2 * 4 * tokens * shape.hiddenSize
    }
}
