"""Makes the fixtures beside it: pip install safetensors==0.8.0 gguf==0.19.0 numpy==2.4.6

tiny/        a Llama (hidden 8, 2 layers, 2 heads, 1 key/value head, vocabulary 16) with a reward-less
             language head, F32, in Hugging Face's form; the numbers are random with seed 7
tiny.gguf    the same weights as llama.cpp's converter lays them out (query and key rows permuted)
types.gguf   one tensor of each readable encoding, and metadata of every type
q4k.gguf     a Llama's metadata and one tensor of an encoding Hone knows by name only
types.safetensors  F32, F16, BF16, I64, a scalar and an empty tensor
"""
import json, os
import numpy as np, gguf
from safetensors.numpy import save_file, save

random = np.random.default_rng(7)
H, L, heads, kv, hd, F, V = 8, 2, 2, 1, 4, 16, 16
new = lambda *shape: random.standard_normal(shape, dtype=np.float32)
weights = {"model.embed_tokens.weight": new(V, H), "model.norm.weight": new(H), "lm_head.weight": new(V, H)}
for i in range(L):
    p = f"model.layers.{i}."
    for name, shape in [("input_layernorm", (H,)), ("self_attn.q_proj", (heads * hd, H)),
                        ("self_attn.k_proj", (kv * hd, H)), ("self_attn.v_proj", (kv * hd, H)),
                        ("self_attn.o_proj", (H, heads * hd)), ("post_attention_layernorm", (H,)),
                        ("mlp.gate_proj", (F, H)), ("mlp.up_proj", (F, H)), ("mlp.down_proj", (H, F))]:
        weights[p + name + ".weight"] = new(*shape)

os.makedirs("tiny", exist_ok=True)
save_file(weights, "tiny/model.safetensors", metadata={"format": "pt"})
config = dict(architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=V, hidden_size=H,
              intermediate_size=F, num_hidden_layers=L, num_attention_heads=heads, num_key_value_heads=kv,
              max_position_embeddings=64, rms_norm_eps=1e-5, rope_theta=100000, hidden_act="silu",
              tie_word_embeddings=False, bos_token_id=1, eos_token_id=[2, 3], pad_token_id=2, rope_scaling=None)
json.dump(config, open("tiny/config.json", "w"), indent=2)
tokens = [f"t{i}" for i in range(V)]
json.dump({"version": "1.0", "added_tokens": [{"id": 15, "content": "t15"}],
           "model": {"type": "BPE", "vocab": {t: i for i, t in enumerate(tokens[:15])}, "merges": []}},
          open("tiny/tokenizer.json", "w"))

permute = lambda w, n: w.reshape(n, 2, w.shape[0] // n // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)
w = gguf.GGUFWriter("tiny.gguf", "llama")
w.add_vocab_size(V); w.add_context_length(64); w.add_embedding_length(H); w.add_block_count(L)
w.add_feed_forward_length(F); w.add_head_count(heads); w.add_head_count_kv(kv); w.add_rope_freq_base(100000.0)
w.add_layer_norm_rms_eps(1e-5); w.add_rope_dimension_count(hd)
w.add_tokenizer_model("gpt2"); w.add_tokenizer_pre("smollm"); w.add_token_list(tokens)
w.add_token_types([3] * 3 + [1] * 13); w.add_token_merges(["t 1", "t1 0"])
w.add_bos_token_id(1); w.add_eos_token_id(2); w.add_pad_token_id(2); w.add_unk_token_id(0)
w.add_add_bos_token(False); w.add_chat_template("{{ messages }}")
names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, L)
for name, array in weights.items():
    if ".q_proj" in name: array = permute(array, heads)
    if ".k_proj" in name: array = permute(array, kv)
    w.add_tensor(names.get_name(name, try_suffixes=(".weight",)), np.ascontiguousarray(array))
def finish(w): w.write_header_to_file(); w.write_kv_data_to_file(); w.write_tensors_to_file(); w.close()
finish(w)

w = gguf.GGUFWriter("types.gguf", "none")
T = gguf.GGUFValueType
for key, value, kind in [("u8", 255, T.UINT8), ("i8", -128, T.INT8), ("u16", 65535, T.UINT16), ("i16", -32768, T.INT16),
                         ("u32", 2**32 - 1, T.UINT32), ("i32", -2**31, T.INT32), ("f32", 0.1, T.FLOAT32),
                         ("bool", True, T.BOOL), ("string", "h\u00e9\u4e16", T.STRING), ("u64", 2**64 - 1, T.UINT64),
                         ("i64", -2**63, T.INT64), ("f64", 0.1, T.FLOAT64)]:
    w.add_key_value(key, value, kind)
w.add_array("nested", [[1, 2], [3]]); w.add_array("floats", [0.5, 1.5]); w.add_array("flags", [True, False])
base = np.arange(128, dtype=np.float32).reshape(2, 64) - 64
for kind in ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"]:
    kind = gguf.GGMLQuantizationType[kind]
    w.add_tensor(kind.name, gguf.quants.quantize(base, kind), raw_dtype=kind)
finish(w)

w = gguf.GGUFWriter("q4k.gguf", "llama")
w.add_vocab_size(2); w.add_context_length(64); w.add_embedding_length(256); w.add_block_count(1)
w.add_feed_forward_length(256); w.add_head_count(4); w.add_layer_norm_rms_eps(1e-5)
w.add_tensor("token_embd.weight", np.zeros((2, 144), np.uint8), raw_dtype=gguf.GGMLQuantizationType.Q4_K)
finish(w)

from safetensors import TensorSpec, serialize_file
spec = {"a": ("float32", (2, 3), np.arange(6, dtype=np.float32)), "b": ("float16", (5,), np.arange(5, dtype=np.float16)),
        "c": ("bfloat16", (3,), np.array([0x3F80, 0x4000, 0xC000], np.uint16)), "d": ("int64", (2,), np.arange(2)),
        "scalar": ("float32", (), np.array(2.5, np.float32)), "empty": ("float32", (0, 4), np.zeros((0, 4), np.float32))}
specs = {k: TensorSpec(dtype=d, shape=s, data_ptr=a.ctypes.data, data_len=a.nbytes) for k, (d, s, a) in spec.items()}
serialize_file(specs, "types.safetensors", {"note": "fixture"})
