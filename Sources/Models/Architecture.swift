public import Domain

/// A family of models: its parameters, and the spec its layers are built from.
public protocol Architecture: Sendable {
    /// Hugging Face's `model_type`.
    static var name: String { get }
    /// The parameters in arena order: weights that are multiplied together lie together.
    static func entries(_ configuration: ModelConfiguration) -> [ParameterEntry]
    /// The names of one layer's tensors.
    static func layerNames(_ layer: Int) -> LayerNames
}

/// The names of a layer's tensors; fused groups in arena order.
public struct LayerNames: Sendable {
    /// The weight of the norm before attention.
    public var attentionNorm: String
    /// Query, key, value.
    public var queryKeyValue: [String]
    /// The projection of the heads' outputs back to the residual stream.
    public var output: String
    /// The weight of the norm before the feed-forward layer.
    public var feedForwardNorm: String
    /// Gate, up.
    public var gateUp: [String]
    /// The projection of the feed-forward layer back to the residual stream.
    public var down: String
}

/// The families there are.
public enum ArchitectureCatalogue {
    /// Every family that can be loaded.
    public static let all: [any Architecture.Type] = [Llama.self]

    /// The family called `name`.
    public static func find(_ name: String) throws(HoneError) -> any Architecture.Type {
        for family in all where family.name == name { return family }
        let known = all.map { $0.name }.joined(separator: ", ")
        throw HoneError(
            .unsupportedModel,
            "architecture \"\(name)\" is not supported; supported: \(known)",
            param: "model_type"
        )
    }
}

/// Llama and its descendants: RMSNorm, rotary positions, grouped-query attention, SwiGLU, no
/// biases.
///
/// Source: Touvron et al. 2023, "LLaMA: Open and Efficient Foundation Language Models".
public enum Llama: Architecture {
    /// Hugging Face's `model_type` of the family.
    public static let name = "llama"

    /// The names of layer `layer`, counted from 0, in Hugging Face's spelling.
    public static func layerNames(_ layer: Int) -> LayerNames {
        let prefix = "model.layers.\(layer)."
        return LayerNames(
            attentionNorm: prefix + "input_layernorm.weight",
            queryKeyValue: ["q", "k", "v"].map { prefix + "self_attn.\($0)_proj.weight" },
            output: prefix + "self_attn.o_proj.weight",
            feedForwardNorm: prefix + "post_attention_layernorm.weight",
            gateUp: ["gate", "up"].map { prefix + "mlp.\($0)_proj.weight" },
            down: prefix + "mlp.down_proj.weight"
        )
    }

    /// Embeddings, then layer after layer, then the final norm and, unless tied, the output matrix.
    public static func entries(_ shape: ModelConfiguration) -> [ParameterEntry] {
        let hidden = shape.hiddenSize
        var entries = [
            ParameterEntry(
                matrix: "model.embed_tokens.weight",
                shape.vocabularySize,
                hidden,
                initial: .normal(0.02)
            )
        ]
        for layer in 0..<shape.layerCount { entries += layerEntries(layer, shape) }
        entries.append(ParameterEntry(vector: "model.norm.weight", hidden, initial: .ones))
        if !shape.tiesEmbeddings {
            entries.append(
                ParameterEntry(
                    matrix: "lm_head.weight",
                    shape.vocabularySize,
                    hidden,
                    initial: .normal(0.02)
                )
            )
        }
        return entries
    }

    private static func layerEntries(_ layer: Int, _ shape: ModelConfiguration) -> [ParameterEntry]
    {
        let names = layerNames(layer)
        let hidden = shape.hiddenSize
        let queries = shape.headCount * shape.headSize
        let keys = shape.keyValueHeadCount * shape.headSize
        // Projections back into the residual stream start smaller (Radford et al. 2019, 2.3).
        let residual = 0.02 / Double(2 * shape.layerCount).squareRoot()
        func matrix(
            _ name: String,
            _ rows: Int,
            _ columns: Int,
            _ deviation: Double = 0.02
        ) -> ParameterEntry {
            ParameterEntry(matrix: name, rows, columns, layer: layer, initial: .normal(deviation))
        }
        return [
            ParameterEntry(vector: names.attentionNorm, hidden, layer: layer, initial: .ones),
            matrix(names.queryKeyValue[0], queries, hidden),
            matrix(names.queryKeyValue[1], keys, hidden),
            matrix(names.queryKeyValue[2], keys, hidden),
            matrix(names.output, hidden, queries, residual),
            ParameterEntry(vector: names.feedForwardNorm, hidden, layer: layer, initial: .ones),
            matrix(names.gateUp[0], shape.intermediateSize, hidden),
            matrix(names.gateUp[1], shape.intermediateSize, hidden),
            matrix(names.down, hidden, shape.intermediateSize, residual),
        ]
    }
}
