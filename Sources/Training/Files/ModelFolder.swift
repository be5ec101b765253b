public import Domain
import Foundation
import Kernels
import ModelFiles
public import Models

/// A model opened for use: its configuration, its weights (mapped when they lie as the arena wants
/// them, converted otherwise), its text codec.
public struct ModelFolder {
    /// The path it was opened from.
    public let path: String
    /// Shape and special tokens.
    public let configuration: ModelConfiguration
    /// All parameters in the architecture's table order.
    public let weights: ParameterArena
    /// Whether `weights` is a read-only mapping of the file.
    public let isMapped: Bool
    /// Its tokenizer and chat template.
    public let text: TextCodec
    /// The scalar head, when it is a reward model.
    public let rewardHead: RewardHeadFile?
    /// The most common stored type of the weights as they were imported.
    public let sourceType: String
    /// What is added to `weights`, which are then another folder's; `nil` for whole models.
    public let adapters: LowRankAdapters?
    /// Where the weights are, for a folder of adapters.
    let base: BaseReference?

    /// Opens a model folder, a Hugging Face folder or a GGUF file.
    public init(_ path: String) throws {
        do {
            if let note = try ModelNote.read(path), let base = note.base {
                try self.init(path, adaptersOver: base, note)
            } else {
                try self.init(whole: path)
            }
        } catch let error as HoneError {
            throw error.inOneLine
        }
    }

    /// A folder of adapters: the weights are the base's own file, mapped by whoever else uses it too.
    private init(_ path: String, adaptersOver base: BaseReference, _ note: ModelNote) throws {
        let whole = try base.open(from: path)
        self.path = path
        self.base = base
        configuration = whole.configuration.keeping(layers: base.layers)
        (weights, isMapped) = (whole.weights, whole.isMapped)
        text = whole.text
        adapters = try AdapterFile.read(path, configuration)
        rewardHead = try RewardHeadFile.read(path, configuration)
        sourceType = note.sourceType
    }

    /// A folder or file that holds all weights itself.
    init(whole path: String) throws {
        (adapters, base) = (nil, nil)
        let source = try ModelSource.open(path)
        self.path = path
        configuration = source.configuration
        let family = try ArchitectureCatalogue.find(configuration.architecture)
        let table = ParameterTable(family.entries(configuration))
        let tensors = Dictionary(source.tensors.map { ($0.name, $0) }) { first, _ in first }
        if let mapped = Self.map(table, tensors) {
            (weights, isMapped) = (mapped, true)
        } else {
            (weights, isMapped) = (try Self.convert(table, tensors), false)
        }
        text = try TextCodec(source)
        rewardHead =
            try RewardHeadFile.read(path, configuration)
            ?? Self.classificationHead(source, tensors)
        sourceType = try Self.commonType(source, path)
    }

    private static func commonType(_ source: ModelSource, _ path: String) throws -> String {
        if let note = try ModelNote.read(path) { return note.sourceType }
        var counts: [String: Int] = [:]
        for tensor in source.tensors {
            counts[tensor.raw.type.rawValue, default: 0] += tensor.raw.elementCount
        }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "F32"
    }

    /// The arena as a view of the file, when all tensors are plain float32 in table order.
    private static func map(
        _ table: ParameterTable,
        _ tensors: [String: ModelTensor]
    ) -> ParameterArena? {
        guard let first = table.entries.first, let start = tensors[first.name] else { return nil }
        let file = start.raw.file
        let origin = start.raw.range.lowerBound
        for entry in table.entries {
            guard let tensor = tensors[entry.name], tensor.raw.file === file,
                tensor.raw.type == .f32, tensor.rowOrder == .asStored,
                tensor.raw.range.lowerBound == origin + 4 * entry.offset
            else { return nil }
        }
        guard origin % 4 == 0 else { return nil }
        let range = origin..<origin + 4 * table.count
        let storage = try? file.withUnsafeBytes(in: range) {
            Storage<Float>(mapped: $0, owner: file)
        }
        return storage.map { ParameterArena(table, $0, origin: 0) }
    }

    private static func convert(
        _ table: ParameterTable,
        _ tensors: [String: ModelTensor]
    ) throws -> ParameterArena {
        let arena = ParameterArena(table)
        for entry in table.entries {
            guard let tensor = tensors[entry.name] else {
                throw HoneError(
                    .invalidModelFile,
                    "tensor \(entry.name) is missing",
                    param: entry.name
                )
            }
            arena.tensor(entry).assign(try decode(tensor, columns: entry.columns))
        }
        return arena
    }

    /// The elements of a stored tensor as float32, in the model's row order.
    static func decode(_ tensor: ModelTensor, columns: Int) throws -> [Float] {
        guard let type = ElementEncoding(rawValue: tensor.raw.type.rawValue) else {
            throw HoneError(
                .unsupportedModel,
                "tensor \(tensor.name) is stored as \(tensor.raw.type.rawValue), which cannot be decoded",
                param: tensor.name
            )
        }
        var stored = [Float](repeating: 0, count: tensor.raw.elementCount)
        try tensor.raw.withBytes { bytes in
            stored.withUnsafeMutableBufferPointer { dequantise(bytes, as: type, into: $0) }
        }
        guard tensor.rowOrder != .asStored else { return stored }
        var ordered: [Float] = []
        ordered.reserveCapacity(stored.count)
        for row in 0..<stored.count / columns {
            let from = tensor.rowOrder.storedRow(row) * columns
            ordered += stored[from..<from + columns]
        }
        return ordered
    }

    /// The folder or file that the weights are in: the base's for a folder of adapters.
    public var weightsPath: String { base?.folder(from: path) ?? path }

    /// The parameters of `configuration`; `weights` may have more, of layers that are not used.
    var table: ParameterTable {
        get throws(HoneError) {
            let family = try ArchitectureCatalogue.find(configuration.architecture)
            return ParameterTable(family.entries(configuration))
        }
    }

    private static func classificationHead(
        _ source: ModelSource,
        _ tensors: [String: ModelTensor]
    ) throws -> RewardHeadFile? {
        guard source.head == .reward,
            let tensor = source.tensors.first(where: { $0.name == "score.weight" })
        else { return nil }
        return RewardHeadFile(
            spec: RewardHeadSpec(
                pooling: .last,
                normalises: true,
                template: "{prompt}{completion}"
            ),
            weight: try decode(tensor, columns: source.configuration.hiddenSize),
            bias: [0]
        )
    }
}

extension ModelConfiguration {
    /// The trunk of the lowest `layers` layers, without an output matrix of its own.
    func keeping(layers: Int) -> ModelConfiguration {
        guard layers < layerCount else { return self }
        var shape = self
        shape.layerCount = layers
        shape.tiesEmbeddings = true
        return shape
    }
}
