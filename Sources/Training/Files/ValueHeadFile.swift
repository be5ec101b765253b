import Domain
import Foundation
import Kernels
import ModelFiles
import Models

/// A policy's value head in a checkpoint: `value_head.safetensors`, bit for bit.
///
/// It lies beside `model.safetensors`, which stays what other programs load.
enum ValueHeadFile {
    static let name = "value_head.safetensors"

    /// Goes before the names of the head's moments in the optimizer's file.
    static let prefix = "value."

    /// Whether the checkpoint in `folder` has one, or once had: then it must not start anew.
    static func isExpected(in folder: String) throws -> Bool {
        if FileManager.default.fileExists(atPath: folder + "/" + name) { return true }
        return try OptimizerFile.hasMoments(prefix, folder: folder)
    }

    static func write(_ head: ValueHead, folder: String) throws {
        try SafetensorsWriter.write(
            head.weights.table.entries.map { entry in
                OutgoingTensor(name: entry.name, shape: entry.shape, type: .f32) { sink in
                    try head.weights.tensor(entry).withHostBytes { try sink($0) }
                }
            },
            to: folder + "/" + name
        )
    }

    /// Restores the head's weights.
    ///
    /// - Throws: `invalidModelFile` when the file is missing or of another model.
    static func read(_ head: ValueHead, folder: String) throws {
        let path = folder + "/" + name
        let listing = try SafetensorsFile.open(path)
        for entry in head.weights.table.entries {
            guard let stored = listing[entry.name], stored.type == .f32,
                stored.shape == entry.shape
            else {
                throw HoneError(
                    .invalidModelFile,
                    "\(path) does not belong to this run: \(entry.name) is missing or has "
                        + "another shape",
                    param: entry.name
                )
            }
            try stored.withBytes { head.weights.tensor(entry).assignHostBytes($0) }
        }
    }
}
