import Domain
import Foundation
import Kernels
import ModelFiles
import Models

/// An optimizer's moments and adapters on disk: `optimizer.safetensors`, bit for bit.
enum OptimizerFile {
    static let name = "optimizer.safetensors"

    static func write(_ optimizer: AdamW, adapters: LowRankAdapters?, folder: String) throws {
        var tensors: [OutgoingTensor] = []
        for group in optimizer.groups {
            tensors += outgoing(group.moment1, prefix: "moment1." + group.prefix)
            tensors += outgoing(group.moment2, prefix: "moment2." + group.prefix)
        }
        if let adapters { tensors += outgoing(adapters.arena, prefix: "adapter.") }
        try SafetensorsWriter.write(
            tensors,
            metadata: metadata(optimizer),
            to: folder + "/" + name
        )
    }

    /// Restores moments, step count and adapters.
    static func read(_ optimizer: AdamW, adapters: LowRankAdapters?, folder: String) throws {
        let path = folder + "/" + name
        let listing = try SafetensorsFile.open(path)
        let tensors = Dictionary(listing.tensors.map { ($0.name, $0) }) { first, _ in first }
        for group in optimizer.groups {
            try restore(group.moment1, prefix: "moment1." + group.prefix, tensors, path)
            try restore(group.moment2, prefix: "moment2." + group.prefix, tensors, path)
        }
        if let adapters { try restore(adapters.arena, prefix: "adapter.", tensors, path) }
        let metadata = try SafetensorsFile.metadata(of: path)
        guard let step = metadata["step"].flatMap({ Int($0) }) else {
            throw HoneError(.invalidModelFile, "\(path) has no step count", param: path)
        }
        optimizer.stepCount = step
        optimizer.valueStepCount = metadata[valueSteps].flatMap { Int($0) } ?? 0
    }

    private static let valueSteps = "value_steps"

    private static func metadata(_ optimizer: AdamW) -> [String: String] {
        var metadata = ["step": String(optimizer.stepCount)]
        if optimizer.valueStepCount > 0 { metadata[valueSteps] = String(optimizer.valueStepCount) }
        return metadata
    }

    /// Whether there are moments of a group with this prefix.
    static func hasMoments(_ prefix: String, folder: String) throws -> Bool {
        try SafetensorsFile.open(folder + "/" + name).tensors.contains {
            $0.name.hasPrefix("moment1." + prefix)
        }
    }

    private static func outgoing(_ arena: ParameterArena, prefix: String) -> [OutgoingTensor] {
        arena.table.entries.map { entry in
            OutgoingTensor(name: prefix + entry.name, shape: entry.shape, type: .f32) { sink in
                try arena.tensor(entry).withHostBytes { try sink($0) }
            }
        }
    }

    private static func restore(
        _ arena: ParameterArena,
        prefix: String,
        _ tensors: [String: RawTensor],
        _ path: String
    ) throws {
        for entry in arena.table.entries {
            guard let stored = tensors[prefix + entry.name], stored.type == .f32,
                stored.elementCount == entry.count
            else {
                throw HoneError(
                    .invalidModelFile,
                    "\(path) does not belong to this run: \(prefix + entry.name) is "
                        + "missing or has another shape",
                    param: entry.name
                )
            }
            try stored.withBytes { arena.tensor(entry).assignHostBytes($0) }
            // Otherwise both the file's pages and the copy would be resident at the end.
            stored.file.unload()
        }
    }
}
