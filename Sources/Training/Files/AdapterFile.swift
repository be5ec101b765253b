import Domain
import Foundation
import Kernels
import ModelFiles
import Models

/// Adapters on disk, in PEFT's files: `adapter_config.json` and `adapter_model.safetensors`.
enum AdapterFile {
    private static let configName = "adapter_config.json"
    private static let tensorName = "adapter_model.safetensors"
    /// What PEFT puts before the names of the model it wraps.
    private static let prefix = "base_model.model."

    /// PEFT's settings, those that are not its defaults.
    private struct Settings: Codable {
        // swift-format-ignore: the fields' names in the file
        var peft_type = "LORA"
        var r: Int
        // swift-format-ignore
        var lora_alpha: Double
        // swift-format-ignore
        var lora_dropout = 0.0
        // swift-format-ignore
        var target_modules: [String]
        // swift-format-ignore
        var base_model_name_or_path: String
    }

    static func write(_ adapters: LowRankAdapters, base: String, folder: String) throws {
        let modules = adapters.arena.table.entries.compactMap { entry in
            entry.name.split(separator: ".").dropLast(2).last.map { String($0) }
        }
        let settings = Settings(
            r: adapters.rank,
            lora_alpha: adapters.alpha,
            target_modules: Set(modules).sorted(),
            base_model_name_or_path: base
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(settings).write(to: URL(fileURLWithPath: folder + "/" + configName))
        try SafetensorsWriter.write(
            adapters.arena.table.entries.map { entry in
                OutgoingTensor(name: prefix + entry.name, shape: entry.shape, type: .f32) { sink in
                    try adapters.arena.tensor(entry).withHostBytes { try sink($0) }
                }
            },
            to: folder + "/" + tensorName
        )
    }

    /// The adapters in `folder`, over a model of this shape.
    ///
    /// - Throws: `invalidModelFile` naming what is missing or does not fit.
    static func read(_ folder: String, _ shape: ModelConfiguration) throws -> LowRankAdapters {
        let path = folder + "/" + configName
        guard let data = try SmallFile.content(of: path),
            let settings = try? JSONDecoder().decode(Settings.self, from: data),
            (1...4096).contains(settings.r), settings.lora_alpha.isFinite
        else {
            throw HoneError(
                .invalidModelFile,
                "\(path) is missing or damaged; train the model again",
                param: path
            )
        }
        let adapters = try LowRankAdapters(shape, rank: settings.r, alpha: settings.lora_alpha)
        let listing = try SafetensorsFile.open(folder + "/" + tensorName)
        let tensors = Dictionary(listing.tensors.map { ($0.name, $0) }) { first, _ in first }
        for entry in adapters.arena.table.entries {
            guard let stored = tensors[prefix + entry.name], stored.type == .f32,
                stored.shape == entry.shape
            else {
                throw HoneError(
                    .invalidModelFile,
                    "\(folder)/\(tensorName) lacks \(prefix + entry.name), or its shape does not "
                        + "fit the base model",
                    param: entry.name
                )
            }
            try stored.withBytes { adapters.arena.tensor(entry).assignHostBytes($0) }
        }
        return adapters
    }
}
