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
    private let adapters: LowRankAdapters?
    /// Where a folder of adapters finds its base; `nil` when the weights are written whole.
    private let base: (folder: String, fingerprint: String)?

    /// Opens a reward model, or makes one of a language model.
    ///
    /// With adapters the weights stay a mapping of the base model's file, which other processes
    /// share.
    ///
    /// - Parameters:
    ///   - modelFolder: a trained reward model's folder, or a language model's to make one of.
    ///   - checkpointFolder: a reward model in training to go on from.
    ///   - spec: set to make a new reward model of a language model.
    ///   - training: set when gradient steps will follow.
    ///   - seed: of a new head's weights, and of what each member of an ensemble learns from.
    ///   - backend: what computes the operations.
    /// - Throws: `unsupportedModel` for a language model without `spec`, `invalidModelFile` for
    /// files that
    ///   cannot be read, a head that does not fit the backbone, or adapters whose base is gone.
    public init(
        modelFolder: String,
        checkpointFolder: String?,
        spec: RewardModelSpec?,
        training: TrainingPlan?,
        seed: UInt64 = 0,
        backend: any Backend
    ) throws {
        try Checksums.verify(folder: checkpointFolder ?? modelFolder)
        folder = try ModelFolder(checkpointFolder ?? modelFolder)
        let layers = checkpointFolder == nil ? spec?.layers : nil
        let shape = folder.configuration.keeping(layers: layers ?? .max)
        configuration = shape
        adapters = try Self.adapters(folder, shape, training)
        base = try adapters == nil ? nil : Self.base(folder)
        let table = try Self.table(shape)
        let own = adapters
        let gradients = training.map { plan in
            ParameterArena(own?.arena.table ?? Self.trained(table, plan, shape))
        }
        weights = Self.ownWeights(folder, table, adapters == nil ? gradients : nil)
        let model = try Transformer(
            shape,
            backend: backend,
            weights: weights,
            gradients: gradients,
            adapters: adapters
        )
        let (headSpec, headWeights) = try Self.head(
            folder.rewardHead,
            spec,
            shape,
            modelFolder,
            seed
        )
        let head = ScalarHead(
            model,
            pooling: headSpec.pooling,
            normalises: headSpec.normalises,
            outputs: headWeights.table["score.bias"]?.count ?? 1,
            weights: headWeights
        )
        let reward = RewardModel(
            model: model,
            head: head,
            spec: headSpec,
            gate: folder.rewardHead?.gate,
            text: folder.text
        )
        self.reward = reward
        // The heads of attributes are fitted, not stepped; how many there are the data says.
        let steps = reward.kind == .attributes ? nil : training
        learner = try steps.map { try Self.learner(reward, $0, checkpointFolder, seed) }
    }

    private static func learner(
        _ reward: RewardModel,
        _ plan: TrainingPlan,
        _ checkpointFolder: String?,
        _ seed: UInt64
    ) throws -> RewardLearner {
        let (model, head) = (reward.model, reward.head)
        var groups = [
            AdamW.Group(parameters: head.weights, gradients: head.gradients, prefix: "head.")
        ]
        if let gradients = model.gradients, gradients.table.count > 0 {
            let parameters = model.adapters?.arena ?? model.weights
            groups.append(AdamW.Group(parameters: parameters, gradients: gradients))
        }
        let optimizer = AdamW(
            plan.optimizer,
            groups: groups,
            backend: model.backend,
            communicator: LocalCommunicator()
        )
        if let checkpointFolder {
            try OptimizerFile.read(optimizer, adapters: nil, folder: checkpointFolder)
        }
        return RewardLearner(
            reward: reward,
            optimizer: optimizer,
            activationMemoryBytes: plan.activationMemoryBytes,
            seed: seed
        )
    }

    /// Those of the folder, or fresh ones when adapters are to be trained.
    private static func adapters(
        _ folder: ModelFolder,
        _ shape: ModelConfiguration,
        _ training: TrainingPlan?
    ) throws -> LowRankAdapters? {
        guard let training, case .lora(let rank, let alpha) = training.trainable else {
            guard training == nil || folder.adapters == nil else {
                throw HoneError(
                    .unsupportedModel,
                    "\(folder.path) holds adapters: only adapters can be trained on from it",
                    param: folder.path
                )
            }
            return folder.adapters
        }
        guard let adapters = folder.adapters else {
            return try LowRankAdapters(shape, rank: rank, alpha: alpha, seed: training.seed)
        }
        guard adapters.rank == rank, adapters.alpha == alpha else {
            throw HoneError(
                .invalidModelFile,
                "\(folder.path) does not belong to this run: its adapters have rank "
                    + "\(adapters.rank) and alpha \(adapters.alpha)",
                param: folder.path
            )
        }
        return adapters
    }

    private static func base(_ folder: ModelFolder) throws -> (folder: String, fingerprint: String)
    {
        if let base = folder.base { return (base.folder(from: folder.path), base.fingerprint) }
        return (folder.path, WeightFingerprint.of(folder.weights))
    }

    private static func table(_ shape: ModelConfiguration) throws(HoneError) -> ParameterTable {
        ParameterTable(try ArchitectureCatalogue.find(shape.architecture).entries(shape))
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

    /// A copy of what `table` names when it is trained in place, else the folder's own mapping, of
    /// which layers that are cut off are never touched.
    private static func ownWeights(
        _ folder: ModelFolder,
        _ table: ParameterTable,
        _ gradients: ParameterArena?
    ) -> ParameterArena {
        guard let gradients, gradients.table.count > 0 else { return folder.weights }
        let copy = ParameterArena(table)
        for entry in table.entries {
            guard let source = folder.weights.tensor(entry.name) else { continue }
            source.withHostBytes { copy.tensor(entry).assignHostBytes($0) }
        }
        folder.weights.unload()
        return copy
    }

    /// Publishes the reward model: backbone, head and tokenizer, or with adapters these, the head and
    /// a reference to their base; whole or not at all.
    public func checkpoint(to destination: String, includesOptimizer: Bool, state: Data) throws {
        try AtomicDirectory.publish(at: destination, replacing: true) { staging in
            if let adapters, let base {
                try write(adapters, over: base, to: destination, in: staging)
            } else {
                try folder.writer(
                    weights: weights,
                    adapters: nil,
                    configuration: configuration,
                    rewardHead: reward.headFile
                )
                .writeHuggingFace(folder: staging)
            }
            try state.write(to: URL(fileURLWithPath: staging + "/state.json"))
            if includesOptimizer, let learner {
                // The adapters have a file of their own.
                try OptimizerFile.write(learner.optimizer, adapters: nil, folder: staging)
                try Checksums.write(folder: staging)
            }
        }
    }

    private func write(
        _ adapters: LowRankAdapters,
        over base: (folder: String, fingerprint: String),
        to destination: String,
        in staging: String
    ) throws {
        let reference = BaseReference(
            path: BaseReference.relativePath(from: destination, to: base.folder),
            fingerprint: base.fingerprint,
            layers: configuration.layerCount
        )
        try AdapterFile.write(adapters, base: reference.path, folder: staging)
        try reward.headFile.write(folder: staging)
        try ModelNote(sourceType: folder.sourceType, base: reference).write(folder: staging)
    }
}
