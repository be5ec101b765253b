import Domain
import Kernels
import Models

// A value model of its own, made when a session is opened for training.
extension PolicySession {
    /// The critic as it begins: a model of its own with the policy's kind of trained weights.
    static func critic(
        _ plan: TrainingPlan,
        _ base: ModelFolder,
        _ backend: any Backend
    ) throws -> Critic? {
        guard plan.trainsValueHead, let critic = plan.critic else { return nil }
        let folder = try critic.folder.map { try ModelFolder($0) } ?? base
        guard folder.adapters == nil else {
            throw HoneError(
                .unsupportedModel,
                "\(folder.path) holds adapters: a value model begins as a whole model",
                param: folder.path
            )
        }
        guard folder.configuration.vocabularySize == base.configuration.vocabularySize else {
            throw HoneError(
                .vocabularyMismatch,
                "the value model \(folder.path) has a vocabulary of "
                    + "\(folder.configuration.vocabularySize) tokens, the policy one of "
                    + "\(base.configuration.vocabularySize)",
                param: folder.path
            )
        }
        var own = plan
        // Other adapters than the policy's, however little that matters.
        own.seed = plan.seed &+ 1
        let adapters = try Self.adapters(folder, own)
        let weights = Self.ownWeights(folder, own, backend)
        let gradients = ParameterArena(
            criticTable(weights.table, adapters, plan, folder.configuration)
        )
        let model = try Transformer(
            folder.configuration,
            backend: backend,
            weights: weights,
            gradients: gradients,
            adapters: adapters
        )
        return try Critic(model: model, gradients: gradients)
    }

    /// What of a critic is trained: an output matrix of its own predicts nothing.
    private static func criticTable(
        _ table: ParameterTable,
        _ adapters: LowRankAdapters?,
        _ plan: TrainingPlan,
        _ shape: ModelConfiguration
    ) -> ParameterTable {
        if let adapters { return adapters.arena.table }
        return TrainableTable.select(table, plan.trainable, layerCount: shape.layerCount)
            .filter { $0.name != "lm_head.weight" }
    }
}
