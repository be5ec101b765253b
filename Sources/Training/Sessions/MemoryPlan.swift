public import Domain
import Models

/// What a policy takes, computed before anything is loaded.
public struct MemoryPlan: Sendable {
    /// Resident memory of the worker at its peak, bytes; mapped weights count once.
    public var memoryBytes: Int
    /// One checkpoint with optimizer, bytes.
    public var checkpointBytes: Int
    /// Number of weights that training changes; 0 without training.
    public var trainableParameterCount: Int

    /// Weights, reference, gradients, moments, activations, logits and cached keys.
    public init(_ shape: ModelConfiguration, training: TrainingPlan?) throws(HoneError) {
        let table = ParameterTable(
            try ArchitectureCatalogue.find(shape.architecture).entries(shape)
        )
        var trained = 0
        var owned = 0
        if let training {
            if case .lora(let rank, _) = training.trainable {
                trained = try LowRankAdapters.table(shape, rank: rank).count
                owned = trained
            } else {
                trained =
                    TrainableTable.select(table, training.trainable, layerCount: shape.layerCount)
                    .count
                owned = table.count
            }
        }
        let weights = 4 * table.count
        let cache = SamplingLimits().bytes(shape)
        let fixed = 2 * LanguageHead.chunkBytes + cache + 128 << 20
        memoryBytes =
            weights + 4 * (owned + 3 * trained) + (training?.activationMemoryBytes ?? 0) + fixed
        checkpointBytes = weights + 8 * trained + 8 << 20
        trainableParameterCount = trained
    }
}
