public import Domain

/// The tensors of a Llama by Hugging Face's names, in Hugging Face's order.
public enum LlamaTensorTable {
    /// The output matrix, absent when it is tied to the embedding.
    public static let outputName = "lm_head.weight"
    /// The reward head.
    public static let scoreName = "score.weight"

    /// What a checkpoint of `model` with `head` holds; the output matrix only when it is not tied.
    public static func tensors(of model: ModelConfiguration, head: ModelHead) -> [ExpectedTensor] {
        let vocabulary = [model.vocabularySize, model.hiddenSize]
        var table = [ExpectedTensor(name: "model.embed_tokens.weight", shape: vocabulary)]
        for layer in 0..<model.layerCount { table += tensors(of: model, layer: layer) }
        table.append(ExpectedTensor(name: "model.norm.weight", shape: [model.hiddenSize]))
        switch head {
        case .reward:
            table.append(ExpectedTensor(name: scoreName, shape: [1, model.hiddenSize]))
        case .language where !model.tiesEmbeddings:
            table.append(ExpectedTensor(name: outputName, shape: vocabulary))
        case .language: break
        }
        return table
    }

    private static func tensors(of model: ModelConfiguration, layer: Int) -> [ExpectedTensor] {
        let hidden = model.hiddenSize
        let queries = model.headCount * model.headSize
        let keys = model.keyValueHeadCount * model.headSize
        let parts: [(String, [Int])] = [
            ("input_layernorm", [hidden]),
            ("self_attn.q_proj", [queries, hidden]),
            ("self_attn.k_proj", [keys, hidden]),
            ("self_attn.v_proj", [keys, hidden]),
            ("self_attn.o_proj", [hidden, queries]),
            ("post_attention_layernorm", [hidden]),
            ("mlp.gate_proj", [model.intermediateSize, hidden]),
            ("mlp.up_proj", [model.intermediateSize, hidden]),
            ("mlp.down_proj", [hidden, model.intermediateSize]),
        ]
        return parts.map { ExpectedTensor(name: "model.layers.\(layer).\($0).weight", shape: $1) }
    }
}
