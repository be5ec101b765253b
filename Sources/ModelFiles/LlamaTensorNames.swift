/// The names of a Llama's tensors in GGUF files and in Hugging Face files.
///
/// Source: llama.cpp's `gguf-py/gguf/tensor_mapping.py`.
public enum LlamaTensorNames {
    /// The Hugging Face name of the GGUF tensor `name`; `nil` when Llama has no such tensor.
    public static func huggingFaceName(gguf name: String) -> String? {
        if let whole = wholeModel.first(where: { $0.gguf == name }) { return whole.huggingFace }
        guard let (layer, part) = split(name, prefix: "blk."),
            let match = perLayer.first(where: { $0.gguf == part })
        else { return nil }
        return "model.layers.\(layer).\(match.huggingFace)"
    }

    /// The GGUF name of the Hugging Face tensor `name`; `nil` when Llama has no such tensor.
    public static func ggufName(huggingFace name: String) -> String? {
        if let whole = wholeModel.first(where: { $0.huggingFace == name }) { return whole.gguf }
        guard let (layer, part) = split(name, prefix: "model.layers."),
            let match = perLayer.first(where: { $0.huggingFace == part })
        else { return nil }
        return "blk.\(layer).\(match.gguf)"
    }

    private typealias Pair = (gguf: String, huggingFace: String)

    private static let wholeModel: [Pair] = [
        ("token_embd.weight", "model.embed_tokens.weight"),
        ("output_norm.weight", "model.norm.weight"),
        ("output.weight", "lm_head.weight"),
        ("cls.output.weight", "score.weight"),
    ]

    private static let perLayer: [Pair] = [
        ("attn_norm.weight", "input_layernorm.weight"),
        ("attn_q.weight", "self_attn.q_proj.weight"),
        ("attn_k.weight", "self_attn.k_proj.weight"),
        ("attn_v.weight", "self_attn.v_proj.weight"),
        ("attn_output.weight", "self_attn.o_proj.weight"),
        ("ffn_norm.weight", "post_attention_layernorm.weight"),
        ("ffn_gate.weight", "mlp.gate_proj.weight"),
        ("ffn_up.weight", "mlp.up_proj.weight"),
        ("ffn_down.weight", "mlp.down_proj.weight"),
    ]

    /// `blk.12.attn_q.weight` → (12, `attn_q.weight`).
    private static func split(_ name: String, prefix: String) -> (Int, String)? {
        guard name.hasPrefix(prefix) else { return nil }
        let rest = name.dropFirst(prefix.count)
        guard let dot = rest.firstIndex(of: "."), let layer = Int(rest[..<dot]),
            String(layer) == rest[..<dot]
        else { return nil }
        return (layer, String(rest[rest.index(after: dot)...]))
    }
}
