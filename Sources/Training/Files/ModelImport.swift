public import Domain
import Foundation
import Glibc
import Kernels
import ModelFiles
import Models

/// What is known of a model after opening it.
public struct ModelFacts: Sendable {
    /// Shape and special tokens.
    public var configuration: ModelConfiguration
    /// Number of weights, a scalar head not counted.
    public var parameterCount: Int
    /// Bytes on disk.
    public var byteCount: Int
    /// Whether a scalar head lies beside the weights.
    public var isRewardModel: Bool
    /// What the head says of texts; `nil` for other models.
    public var rewardKind: RewardKind?
    /// The most common stored type of the weights as they were imported: `F32`, `Q4_1`, ….
    public var sourceType: String
}

/// Brings models in and out: GGUF files and Hugging Face folders.
public enum ModelImport {
    /// Reads the model at `source` and publishes it as the folder `destination`, whole or not at all.
    ///
    /// Weights become float32 in arena order, so that opening the folder maps them.
    public static func importModel(from source: String, to destination: String) throws -> ModelFacts
    {
        let model = try ModelFolder(source)
        try model.refuseUnusable()
        try AtomicDirectory.publish(at: destination) { staging in
            try model.writer(adapters: model.adapters).writeHuggingFace(folder: staging)
        }
        return try model.facts(folder: destination)
    }

    /// Writes the model in `source` as `hf` (a folder) or `gguf` (a file).
    public static func exportModel(
        from source: String,
        format: String,
        to destination: String
    ) throws {
        try Checksums.verify(folder: source)
        let model = try ModelFolder(source)
        switch format {
        case "hf":
            try AtomicDirectory.publish(at: destination) { staging in
                try model.writer(adapters: model.adapters).writeHuggingFace(folder: staging)
            }
        case "gguf":
            let name = URL(fileURLWithPath: source).lastPathComponent
            try model.writer(adapters: model.adapters).writeGGUF(destination, name: name)
        default:
            throw HoneError(
                .invalidRequest,
                "format must be hf or gguf, not \"\(format)\"",
                param: "format"
            )
        }
    }
}

extension ModelFolder {
    /// Refuses weights that no model works with: infinite ones, and what is not a number.
    fileprivate func refuseUnusable() throws {
        let backend = CPUBackend(threadCount: 1)
        for arena in [weights, adapters?.arena].compactMap({ $0 }) {
            for entry in arena.table.entries where !backend.allFinite(arena.tensor(entry)) {
                throw HoneError(
                    .invalidModelFile,
                    "\(path): tensor \"\(entry.name)\" holds numbers that are not finite; "
                        + "fetch the file again",
                    param: entry.name
                )
            }
        }
    }

    func writer(
        weights: ParameterArena? = nil,
        adapters: LowRankAdapters?,
        configuration: ModelConfiguration? = nil,
        rewardHead: RewardHeadFile? = nil
    ) -> ModelWriter {
        ModelWriter(
            configuration: configuration ?? self.configuration,
            weights: weights ?? self.weights,
            adapters: adapters,
            text: text,
            sourceType: sourceType,
            rewardHead: rewardHead ?? self.rewardHead
        )
    }

    /// What to report of the model as it lies in `folder`.
    public func facts(folder: String) throws -> ModelFacts {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let bytes = names.reduce(0) { sum, name in
            // FileManager would look up the owner's name of each file.
            var status = stat()
            return lstat(folder + "/" + name, &status) == 0 ? sum + Int(status.st_size) : sum
        }
        return ModelFacts(
            configuration: configuration,
            parameterCount: try table.count,
            byteCount: bytes,
            isRewardModel: rewardHead != nil,
            rewardKind: rewardHead?.kind,
            sourceType: sourceType
        )
    }
}
