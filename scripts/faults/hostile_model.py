"""A small model that imports, as a GGUF file and as a Hugging Face folder, from which hostile ones are made."""

import json
import pathlib
import struct

HIDDEN, INNER, LAYERS, HEADS, KEY_HEADS = 32, 32, 1, 2, 1
KINDS = {
    "u8": (0, "<B"), "i8": (1, "<b"), "u16": (2, "<H"), "i16": (3, "<h"), "u32": (4, "<I"), "i32": (5, "<i"),
    "f32": (6, "<f"), "bool": (7, "<B"), "string": (8, None), "array": (9, None), "u64": (10, "<Q"),
    "i64": (11, "<q"), "f64": (12, "<d"),
}


def alphabet():
    """The 256 letters that stand for bytes (GPT-2)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + index) for index, _ in enumerate(others)]


TOKENS = alphabet() + ["<s>", "</s>", "ab", "abc"]
MERGES = ["a b", "ab c"]
VOCABULARY = len(TOKENS)


# GGUF


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(value)) + value


def value(kind, content):
    """The bytes of a value behind its kind's number; `raw` is what it says."""
    if kind == "raw":
        return content
    number, layout = KINDS[kind]
    head = struct.pack("<I", number)
    if kind == "string":
        return head + text(content)
    if kind == "array":
        inner, items = content
        return head + array(inner, items)
    return head + struct.pack(layout, content)


def array(kind, items, count=None):
    """An array's bytes, with a count that may lie."""
    body = b"".join(value(kind, item)[4:] for item in items)
    return struct.pack("<IQ", KINDS[kind][0], len(items) if count is None else count) + body


def fields():
    return {
        "general.architecture": ("string", "llama"),
        "llama.vocab_size": ("u32", VOCABULARY),
        "llama.context_length": ("u32", 64),
        "llama.embedding_length": ("u32", HIDDEN),
        "llama.block_count": ("u32", LAYERS),
        "llama.feed_forward_length": ("u32", INNER),
        "llama.attention.head_count": ("u32", HEADS),
        "llama.attention.head_count_kv": ("u32", KEY_HEADS),
        "llama.rope.freq_base": ("f32", 10000.0),
        "llama.attention.layer_norm_rms_epsilon": ("f32", 1e-5),
        "tokenizer.ggml.model": ("string", "gpt2"),
        "tokenizer.ggml.pre": ("string", "smollm"),
        "tokenizer.ggml.tokens": ("array", ("string", TOKENS)),
        "tokenizer.ggml.token_type": ("array", ("i32", [1] * 256 + [3, 3, 1, 1])),
        "tokenizer.ggml.merges": ("array", ("string", MERGES)),
        "tokenizer.ggml.bos_token_id": ("u32", 256),
        "tokenizer.ggml.eos_token_id": ("u32", 257),
    }


def shapes():
    """Hugging Face's name, GGUF's name, shape; outermost first."""
    half = HIDDEN * KEY_HEADS // HEADS
    table = [("model.embed_tokens.weight", "token_embd.weight", [VOCABULARY, HIDDEN])]
    for layer in range(LAYERS):
        for name, short, shape in [
            ("input_layernorm", "attn_norm", [HIDDEN]),
            ("self_attn.q_proj", "attn_q", [HIDDEN, HIDDEN]),
            ("self_attn.k_proj", "attn_k", [half, HIDDEN]),
            ("self_attn.v_proj", "attn_v", [half, HIDDEN]),
            ("self_attn.o_proj", "attn_output", [HIDDEN, HIDDEN]),
            ("post_attention_layernorm", "ffn_norm", [HIDDEN]),
            ("mlp.gate_proj", "ffn_gate", [INNER, HIDDEN]),
            ("mlp.up_proj", "ffn_up", [INNER, HIDDEN]),
            ("mlp.down_proj", "ffn_down", [HIDDEN, INNER]),
        ]:
            table.append((f"model.layers.{layer}.{name}.weight", f"blk.{layer}.{short}.weight", shape))
    return table + [("model.norm.weight", "output_norm.weight", [HIDDEN])]


def product(shape):
    size = 1
    for dimension in shape:
        size *= dimension
    return size


def weights(count):
    return struct.pack("<f", 0.01) * count


def tensors():
    """A GGUF file's entries: name, dimensions innermost first, type's number, offset, data."""
    entries, offset = [], 0
    for _, name, shape in shapes():
        data = weights(product(shape))
        entries.append({"name": name, "dims": shape[::-1], "type": 0, "offset": offset, "data": data})
        offset += (len(data) + 31) // 32 * 32
    return entries


def gguf(metadata=None, entries=None, magic=b"GGUF", version=3, tensor_count=None, field_count=None, align=32):
    """A GGUF file; `metadata` is a dictionary or a list of pairs."""
    metadata = fields() if metadata is None else metadata
    entries = tensors() if entries is None else entries
    pairs = list(metadata.items()) if isinstance(metadata, dict) else metadata
    out = magic + struct.pack("<I", version)
    out += struct.pack("<Q", len(entries) if tensor_count is None else tensor_count)
    out += struct.pack("<Q", len(pairs) if field_count is None else field_count)
    out += b"".join(text(key) + value(*content) for key, content in pairs)
    for entry in entries:
        out += text(entry["name"]) + struct.pack("<I", entry.get("rank", len(entry["dims"])))
        out += b"".join(struct.pack("<Q", dimension) for dimension in entry["dims"])
        out += struct.pack("<IQ", entry["type"], entry["offset"])
    out += bytes(-len(out) % align)
    start = len(out)
    for entry in entries:
        place = start + entry["offset"]
        if place > len(out) + (1 << 20):
            continue
        out += bytes(max(0, place - len(out)))
        out = out[:place] + entry["data"] + out[place + len(entry["data"]):]
    return out


# Hugging Face


def config(**changes):
    content = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCABULARY,
        "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": KEY_HEADS, "max_position_embeddings": 64,
        "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": True,
        "bos_token_id": 256, "eos_token_id": 257,
    }
    content.update(changes)
    return content


def tokenizer():
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": 256, "content": "<s>", "special": True}, {"id": 257, "content": "</s>", "special": True},
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel"},
        "model": {
            "type": "BPE",
            "vocab": {token: index for index, token in enumerate(TOKENS) if index not in (256, 257)},
            "merges": list(MERGES),
        },
    }


def header():
    """A safetensors header's entries and the bytes of data behind it."""
    entries, offset = {}, 0
    for name, _, shape in shapes():
        size = 4 * product(shape)
        entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    return entries, offset


def safetensors(entries=None, data=None, length=None):
    """A safetensors file; `entries` may be text or bytes, `length` may lie."""
    usual, size = header()
    entries = usual if entries is None else entries
    content = json.dumps(entries) if isinstance(entries, dict) else entries
    content = content if isinstance(content, bytes) else content.encode()
    content += b" " * (-len(content) % 8)
    data = weights(size // 4) if data is None else data
    return struct.pack("<Q", len(content) if length is None else length) + content + data


def folder(path, **files):
    """A Hugging Face folder; a file is bytes, text, JSON, or `None` to leave it out."""
    path = pathlib.Path(path)
    path.mkdir()
    usual = {"config.json": config(), "tokenizer.json": tokenizer(), "model.safetensors": safetensors()}
    for name, content in {**usual, **files.pop("files", {})}.items():
        if content is None:
            continue
        if isinstance(content, dict):
            content = json.dumps(content)
        (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
