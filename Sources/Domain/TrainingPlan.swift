/// Everything about training that does not change from step to step.
public struct TrainingPlan: Sendable, Hashable, Codable {
    /// Which weights are trained.
    public var trainable: TrainableSpec
    /// AdamW's settings; the learning rate itself comes with each update.
    public var optimizer: OptimizerSpec
    /// Memory one microbatch's activations may take, bytes.
    public var activationMemoryBytes: Int
    /// Seeds the fresh adapters.
    public var seed: UInt64
    /// Whether a value head is trained beside the policy.
    public var trainsValueHead: Bool
    /// Set when the values have a model of their own: what it begins as; `nil` folder: the policy's
    /// base.
    public var critic: CriticPlan?

    /// A plan that holds from the first step to the last.
    public init(
        trainable: TrainableSpec,
        optimizer: OptimizerSpec,
        activationMemoryBytes: Int,
        seed: UInt64,
        trainsValueHead: Bool = false
    ) {
        self.trainable = trainable
        self.optimizer = optimizer
        self.activationMemoryBytes = activationMemoryBytes
        self.seed = seed
        self.trainsValueHead = trainsValueHead
    }
}

/// What a value model with weights of its own begins as.
public struct CriticPlan: Sendable, Hashable, Codable {
    /// A model's folder; `nil` is the policy's base.
    public var folder: String?

    /// A critic that begins as the model in `folder`, whose own head it does not take.
    public init(folder: String? = nil) { self.folder = folder }
}
