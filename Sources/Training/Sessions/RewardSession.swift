public import Domain
public import Foundation
public import Kernels
import ModelFiles
import Models

/// An open reward model: scoring, and (when it is trained) head fit and gradient steps.
public final class RewardSession {
    /// The folder the weights came from: the model's, or the checkpoint's.
    public let folder: ModelFolder
    /// Scores texts by the weights as they are now.
    public let reward: RewardModel
    /// `nil` for a model that only scores.
    public let learner: RewardLearner?
    /// The shape after `RewardModelSpec.layers` has cut the backbone.
    public let configuration: ModelConfiguration
    private let weights: ParameterArena

    /// Opens a reward model, or makes one of a language model.
    ///
    /// - Parameters:
    ///   - modelFolder: a trained reward model's folder, or a language model's to make one of.
    ///   - checkpointFolder: a reward model in training to go on from.
    ///   - spec: set to make a new reward model of a language model.
    ///   - training: set when gradient steps will follow.
    ///   - backend: what computes the operations.
    /// - Throws: `unsupportedModel` for a language model without `spec`, `invalidModelFile` for
    /// files that
    ///   cannot be read or a head that does not fit the backbone.
    public init(
        modelFolder: String,
        checkpointFolder: String?,
        spec: RewardModelSpec?,
        training: TrainingPlan?,
        backend: any Backend
    ) throws {
        folder = try ModelFolder(checkpointFolder ?? modelFolder)
        let truncated = try Self.truncate(
            folder,
            layers: checkpointFolder == nil ? spec?.layers : nil
        )
        let shape = truncated.configuration
        configuration = shape
        let gradients = training.map { plan in
            ParameterArena(Self.trained(truncated.weights.table, plan, shape))
        }
        weights = Self.ownWeights(truncated.weights, gradients, backend)
        let model = try Transformer(shape, backend: backend, weights: weights, gradients: gradients)
        let (headSpec, headWeights) = try Self.head(folder.rewardHead, spec, shape, modelFolder)
        let head = ScalarHead(
            model,
            pooling: headSpec.pooling,
            normalises: headSpec.normalises,
            weights: headWeights
        )
        let reward = RewardModel(model: model, head: head, spec: headSpec, text: folder.text)
        self.reward = reward
        learner = try training.map { plan in
            var groups = [
                AdamW.Group(parameters: head.weights, gradients: head.gradients, prefix: "head.")
            ]
            if let gradients, gradients.table.count > 0 {
                groups.append(AdamW.Group(parameters: model.weights, gradients: gradients))
            }
            let optimizer = AdamW(
                plan.optimizer,
                groups: groups,
                backend: backend,
                communicator: LocalCommunicator()
            )
            if let checkpointFolder {
                try OptimizerFile.read(optimizer, adapters: nil, folder: checkpointFolder)
            }
            return RewardLearner(
                reward: reward,
                optimizer: optimizer,
                activationMemoryBytes: plan.activationMemoryBytes
            )
        }
    }

    /// Keeps the lowest `layers` layers: the arena is laid layer after layer, so the kept part of it is
    /// the start, and only the final norm is copied behind.
    private static func truncate(
        _ folder: ModelFolder,
        layers: Int?
    ) throws -> (configuration: ModelConfiguration, weights: ParameterArena) {
        guard let layers, layers < folder.configuration.layerCount else {
            return (folder.configuration, folder.weights)
        }
        var configuration = folder.configuration
        configuration.layerCount = layers
        // A reward model has no output matrix.
        configuration.tiesEmbeddings = true
        let family = try ArchitectureCatalogue.find(configuration.architecture)
        let arena = ParameterArena(ParameterTable(family.entries(configuration)))
        for entry in arena.table.entries {
            guard let source = folder.weights.tensor(entry.name) else { continue }
            source.withHostBytes { arena.tensor(entry).assignHostBytes($0) }
        }
        return (configuration, arena)
    }

    /// A reward model trains at most its layers: never the embeddings unless all weights are asked for.
    private static func trained(
        _ table: ParameterTable,
        _ plan: TrainingPlan,
        _ configuration: ModelConfiguration
    ) -> ParameterTable {
        TrainableTable.select(table, plan.trainable, layerCount: configuration.layerCount)
            .filter { $0.name != "lm_head.weight" }
    }

    private static func ownWeights(
        _ weights: ParameterArena,
        _ gradients: ParameterArena?,
        _ backend: any Backend
    ) -> ParameterArena {
        guard let gradients, gradients.table.count > 0 else { return weights }
        let copy = ParameterArena(weights.table)
        backend.copy(weights.all, into: copy.all)
        return copy
    }

    private static func head(
        _ file: RewardHeadFile?,
        _ spec: RewardModelSpec?,
        _ configuration: ModelConfiguration,
        _ path: String
    ) throws -> (RewardHeadSpec, ParameterArena?) {
        if let file {
            let table = ScalarHead.table(configuration, file.spec.pooling)
            guard let entry = table["score.weight"], entry.count == file.weight.count else {
                throw HoneError(
                    .invalidModelFile,
                    "\(path): the reward head has \(file.weight.count) weights; the "
                        + "backbone needs \(table["score.weight"]?.count ?? 0)",
                    param: path
                )
            }
            let arena = ParameterArena(table)
            arena.tensor("score.weight")?.assign(file.weight)
            arena.tensor("score.bias")?.assign([file.bias])
            return (file.spec, arena)
        }
        guard let spec else {
            throw HoneError(
                .unsupportedModel,
                "\(path) is a language model, not a reward model; train one with a run "
                    + "of kind reward_model",
                param: path
            )
        }
        let head = RewardHeadSpec(pooling: spec.pooling, normalises: false, template: spec.template)
        return (head, nil)
    }

    /// Publishes the reward model: backbone, head and tokenizer, whole or not at all.
    public func checkpoint(to destination: String, includesOptimizer: Bool, state: Data) throws {
        try AtomicDirectory.publish(at: destination, replacing: true) { staging in
            try folder.writer(
                weights: weights,
                adapters: nil,
                configuration: configuration,
                rewardHead: reward.headFile
            )
            .writeHuggingFace(folder: staging)
            try state.write(to: URL(fileURLWithPath: staging + "/state.json"))
            if includesOptimizer, let learner {
                try OptimizerFile.write(learner.optimizer, adapters: nil, folder: staging)
            }
        }
    }
}
