import Domain
import Foundation
import Kernels
import ModelFiles
import Models
import Tokenizers

/// Writes a model as folders that `transformers` loads and GGUF files that llama.cpp runs.
struct ModelWriter {
    let configuration: ModelConfiguration
    let weights: ParameterArena
    /// Merged into the weights as they are written.
    let adapters: LowRankAdapters?
    let text: TextCodec
    let sourceType: String
    let rewardHead: RewardHeadFile?

    /// Fills `folder` (a staging folder) with model.safetensors, config.json and the tokenizer.
    ///
    /// `calls` write the weights, which are nearly all of it.
    func writeHuggingFace(folder: String, calls: WriteCalls = .system) throws {
        try SafetensorsWriter.write(
            try entries().map { entry in
                outgoing(entry, name: entry.name, permutation: nil)
            },
            to: folder + "/model.safetensors",
            calls: calls
        )
        try HuggingFaceConfiguration(model: configuration, head: .language).write(folder: folder)
        let definition = text.tokenizer.definition
        try definition.tokenizerJSON().write(to: URL(fileURLWithPath: folder + "/tokenizer.json"))
        try definition.tokenizerConfigJSON()
            .write(to: URL(fileURLWithPath: folder + "/tokenizer_config.json"))
        try ModelNote(sourceType: sourceType).write(folder: folder)
        try rewardHead?.write(folder: folder)
    }

    /// Writes one GGUF file, all tensors in float32.
    func writeGGUF(_ path: String, name: String) throws {
        let fields =
            GGUFConfiguration.fields(for: configuration, name: name) + tokenizerFields().fields
        var tensors: [OutgoingTensor] = []
        for entry in try entries() {
            guard let target = LlamaTensorNames.ggufName(huggingFace: entry.name) else {
                throw HoneError(
                    .unsupportedModel,
                    "tensor \(entry.name) has no name in GGUF",
                    param: entry.name
                )
            }
            tensors.append(outgoing(entry, name: target, permutation: heads(entry)))
        }
        try GGUFWriter.write(fields: fields, tensors: tensors, to: path)
    }

    /// The tensors that the configuration has, of weights that may have more layers.
    private func entries() throws(HoneError) -> [ParameterEntry] {
        let family = try ArchitectureCatalogue.find(configuration.architecture)
        let names = Set(family.entries(configuration).map { $0.name })
        return weights.table.entries.filter { names.contains($0.name) }
    }

    /// Heads of a tensor whose rows llama.cpp keeps interleaved.
    private func heads(_ entry: ParameterEntry) -> Int? {
        if entry.name.hasSuffix("q_proj.weight") { return configuration.headCount }
        if entry.name.hasSuffix("k_proj.weight") { return configuration.keyValueHeadCount }
        return nil
    }

    private func outgoing(
        _ entry: ParameterEntry,
        name: String,
        permutation heads: Int?
    ) -> OutgoingTensor {
        let (weights, adapters, headSize) = (weights, adapters, configuration.headSize)
        return OutgoingTensor(name: name, shape: entry.shape, type: .f32) { sink in
            let tensor = weights.tensor(entry)
            guard let delta = adapters?.delta(entry.name) else {
                if heads == nil {
                    try tensor.withHostBytes { try sink($0) }
                } else {
                    try Self.emit(tensor.hostCopy(), entry, heads, headSize, sink)
                }
                return
            }
            let merged = zip(tensor.hostCopy(), delta).map { $0 + $1 }
            try Self.emit(merged, entry, heads, headSize, sink)
        }
    }

    private static func emit(
        _ values: [Float],
        _ entry: ParameterEntry,
        _ heads: Int?,
        _ headSize: Int,
        _ sink: OutgoingTensor.Sink
    ) throws {
        guard let heads else {
            try values.withUnsafeBytes { try sink($0) }
            return
        }
        for row in 0..<entry.rows {
            let source = RotaryRowOrder.huggingFaceRow(
                gguf: row,
                headCount: heads,
                headSize: headSize
            )
            try values[source * entry.columns..<(source + 1) * entry.columns].withUnsafeBytes {
                try sink($0)
            }
        }
    }

    private func tokenizerFields() -> GGUFTokenizer {
        let definition = text.tokenizer.definition
        var fields = GGUFTokenizer(
            model: "gpt2",
            preTokenizer: definition.ggufPreTokenizerName,
            tokens: definition.tokens,
            merges: definition.mergeStrings
        )
        fields.types = definition.tokenKinds.map { $0.rawValue }
        fields.beginTokenID = definition.beginTokenID.map { Int($0) }
        fields.endTokenID = definition.endTokenID.map { Int($0) }
        fields.padTokenID = definition.paddingTokenID.map { Int($0) }
        fields.unknownTokenID = definition.unknownTokenID.map { Int($0) }
        fields.addsBegin = definition.addsBeginToken
        fields.chatTemplate = definition.chatTemplate
        return fields
    }
}
