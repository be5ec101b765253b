import Domain
import Foundation
import Kernels
import ModelFiles
import Models

/// Arenas of parameters in one file of a checkpoint, bit for bit.
enum ArenaFile {
    /// An arena, and what goes before the names of its tensors.
    typealias Part = (prefix: String, arena: ParameterArena)

    static func exists(_ name: String, folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/" + name)
    }

    static func write(_ parts: [Part], to path: String) throws {
        let tensors = parts.flatMap { part in
            part.arena.table.entries.map { entry in
                OutgoingTensor(name: part.prefix + entry.name, shape: entry.shape, type: .f32) {
                    sink in
                    try part.arena.tensor(entry).withHostBytes { try sink($0) }
                }
            }
        }
        try SafetensorsWriter.write(tensors, to: path)
    }

    /// Fills the arenas from the file.
    ///
    /// - Throws: `invalidModelFile` when the file is missing, or of another model.
    static func read(_ parts: [Part], from path: String) throws {
        let listing = try SafetensorsFile.open(path)
        for (prefix, arena) in parts {
            for entry in arena.table.entries {
                let name = prefix + entry.name
                guard let stored = listing[name], stored.type == .f32,
                    stored.elementCount == entry.count
                else {
                    throw HoneError(
                        .invalidModelFile,
                        "\(path) does not belong to this run: \(name) is missing or has another "
                            + "shape",
                        param: name
                    )
                }
                try stored.withBytes { arena.tensor(entry).assignHostBytes($0) }
                // Otherwise both the file's pages and the copy would be resident at the end.
                stored.file.unload()
            }
        }
    }
}
