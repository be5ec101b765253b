public import Domain

/// Everything about training that does not change from step to step.
public struct TrainingPlan: Sendable {
    public var trainable: TrainableSpec
    public var optimizer: OptimizerSpec
    public var activationMemoryBytes: Int
    public var seed: UInt64

    public init(
        trainable: TrainableSpec,
        optimizer: OptimizerSpec,
        activationMemoryBytes: Int,
        seed: UInt64
    ) {
        self.trainable = trainable
        self.optimizer = optimizer
        self.activationMemoryBytes = activationMemoryBytes
        self.seed = seed
    }
}
