"""Hostile GGUF files, by name."""

import math
import struct

from hostile_model import HIDDEN, TOKENS, array, fields, gguf, tensors, value, weights


def changed(key, *content):
    return gguf({**fields(), key: content})


def without(key):
    return gguf({name: content for name, content in fields().items() if name != key})


def tensor(index=0, **changes):
    """A file one of whose tensors is described otherwise."""
    entries = tensors()
    entries[index].update(changes)
    return gguf(entries=entries)


def extra(*pairs):
    return gguf(list(fields().items()) + list(pairs))


def headers():
    yield "empty", b""
    yield "one-byte", b"G"
    yield "magic-only", b"GGUF"
    for magic in [b"GGUf", b"FUGG", b"ggml", b"\0\0\0\0"]:
        yield f"magic-{magic.hex()}", gguf(magic=magic)
    for version in [0, 1, 4, 1 << 24, 1 << 31, (1 << 32) - 1]:
        yield f"version-{version}", gguf(version=version)
    for count in [(1 << 64) - 1, 1 << 63, (1 << 63) - 1, 1 << 60, 1 << 32, 1 << 20, 1000]:
        yield f"tensor-count-{count:x}", gguf(tensor_count=count)
        yield f"field-count-{count:x}", gguf(field_count=count)
    yield "no-fields", gguf(metadata={})
    yield "no-tensors", gguf(entries=[])
    whole = gguf()
    for size in [5, 8, 12, 16, 20, 24, 31, 32, 40, 52, 60]:
        yield f"cut-at-{size}", whole[:size]
    for part in [2, 3, 5, 10]:
        yield f"cut-to-1-of-{part}", whole[: len(whole) // part]
    yield "cut-last-tensor", whole[:-64]
    yield "noise-after-magic", b"GGUF\x03\0\0\0" + bytes((index * 137 + 11) % 256 for index in range(4096))
    yield "all-ones", b"GGUF\x03\0\0\0" + b"\xff" * 4096
    yield "all-zeros", b"GGUF\x03\0\0\0" + bytes(4096)


def metadata():
    for length in [(1 << 64) - 1, (1 << 64) - 25, 1 << 63, (1 << 63) - 1, 1 << 40, 1 << 20]:
        body = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", length)
        yield f"key-length-{length:x}", body + b"key" * 50
        yield f"text-length-{length:x}", extra(("x", ("raw", struct.pack("<IQ", 8, length) + b"abc")))
    for kind in ["u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64"]:
        for count in [1 << 60, (1 << 64) - 1]:
            yield f"array-{kind}-{count:x}", extra(("x", ("raw", struct.pack("<I", 9) + array(kind, [], count))))
    nested = value("u8", 1)[4:]
    for _ in range(2000):
        nested = struct.pack("<IQ", 9, 1) + nested
    yield "arrays-2000-deep", extra(("x", ("raw", struct.pack("<I", 9) + nested)))
    yield "arrays-many-empty", extra(
        ("x", ("raw", struct.pack("<IIQ", 9, 9, 9_000_000) + struct.pack("<IQ", 0, 0) * 9_000_000)))
    yield "array-100-million", extra(("x", ("raw", struct.pack("<IIQ", 9, 0, 100_000_000) + bytes(100_000_000))))
    for number in [13, 255, 1 << 31, (1 << 32) - 1]:
        yield f"kind-{number}", extra(("x", ("raw", struct.pack("<IQ", number, 0))))
        yield f"array-kind-{number}", extra(("x", ("raw", struct.pack("<IIQ", 9, number, 1) + bytes(8))))
    yield "bool-of-2", extra(("x", ("raw", struct.pack("<IB", 7, 2))))
    yield "key-twice", extra(("llama.block_count", ("u32", 1)))
    yield "key-not-utf8", extra((b"\xff\xfe", ("u32", 1)))
    yield "text-not-utf8", extra(("x", ("string", b"\xc0\xaf\xed\xa0\x80")))
    for alignment in [0, 1, 3, 31, 33, 1 << 31, (1 << 32) - 1]:
        yield f"alignment-{alignment}", changed("general.alignment", "u32", alignment)
    yield "alignment-text", changed("general.alignment", "string", "32")
    yield "alignment-negative", changed("general.alignment", "i32", -32)


def tables():
    for rank in [0, 5, 255, 1 << 31, (1 << 32) - 1]:
        yield f"rank-{rank}", tensor(rank=rank)
    for name, dims in [
        ("overflow-2", [1 << 32, 1 << 32]), ("overflow-4", [1 << 31] * 4), ("negative", [(1 << 64) - 32]),
        ("huge", [1 << 62]), ("wrap-to-zero", [1 << 63, 2]), ("wrap-to-small", [(1 << 40), 1 << 24, 32]),
        ("zero", [0, 4]), ("zero-second", [HIDDEN, 0]), ("bytes-overflow", [1 << 40, 1 << 22]),
        ("too-many-rows", [HIDDEN, 1 << 24]), ("other", [HIDDEN + 1, 7]),
    ]:
        yield f"dims-{name}", tensor(dims=dims)
    for number in [4, 5, 31, 36, 99, 255, 1 << 31, (1 << 32) - 1]:
        yield f"type-{number}", tensor(type=number)
    for number in [6, 10, 12, 24, 27, 28]:
        yield f"type-unread-{number}", tensor(type=number, dims=[HIDDEN * 8, 4])
    yield "block-does-not-divide", tensor(type=8, dims=[33, len(TOKENS)])
    for offset in [1, 16, 33]:
        yield f"offset-misaligned-{offset}", tensor(1, offset=tensors()[1]["offset"] + offset)
    for offset in [1 << 20, 1 << 40, 1 << 62, (1 << 63) - 32, 1 << 63, (1 << 64) - 32]:
        yield f"offset-{offset:x}", tensor(1, offset=offset, data=b"")
    yield "overlap", tensor(2, offset=0)
    yield "overlap-by-a-block", tensor(2, offset=tensors()[2]["offset"] - 32)
    yield "tensor-twice", gguf(entries=tensors() + [tensors()[1]])
    yield "tensor-missing", gguf(entries=tensors()[:-1])
    yield "tensor-unknown", gguf(entries=tensors() + [
        {"name": "mystery.weight", "dims": [8], "type": 0, "offset": 1 << 17, "data": weights(8)}])
    yield "name-empty", tensor(name="")
    yield "name-not-utf8", tensor(name=b"\xff\xff")
    yield "name-5000", tensor(name="n" * 5000)
    yield "name-with-lines", tensor(name="a\nb\rc\x1b[31m")
    yield "name-with-nul", tensor(name="token_embd.weight\0")


def models():
    yield "architecture-missing", without("general.architecture")
    for name in ["unknown", "", "l" * 100_000, "llama\n\nllama"]:
        yield f"architecture-{len(name)}-{name[:4].strip()}", changed("general.architecture", "string", name)
    yield "architecture-number", changed("general.architecture", "u32", 7)
    for key, kinds in {
        "llama.block_count": [("u32", 0), ("u32", 1 << 31), ("i32", -1), ("f32", 1.5), ("string", "1"), ("u32", 2)],
        "llama.embedding_length": [("u64", 1 << 40), ("u32", 0), ("i64", -32), ("u32", 31), ("u64", (1 << 64) - 1)],
        "llama.context_length": [("u64", 1 << 60), ("u32", 0), ("i32", -5), ("string", "64")],
        "llama.feed_forward_length": [("u64", 1 << 50), ("u32", 0)],
        "llama.attention.head_count": [("u32", 0), ("u32", 3), ("u32", 1 << 31), ("f32", 2.0)],
        "llama.attention.head_count_kv": [("u32", 0), ("u32", 3), ("i32", -1)],
        "llama.attention.key_length": [("u32", 0), ("u32", 1), ("u64", 1 << 40)],
        "llama.attention.layer_norm_rms_epsilon": [
            ("f32", math.nan), ("f32", math.inf), ("f32", -1.0), ("f32", 0.0), ("f64", 1e300)],
        "llama.rope.freq_base": [("f32", math.nan), ("f32", 0.0), ("f32", -1.0), ("f64", 1e308)],
        "llama.rope.dimension_count": [("u32", 1 << 31)],
        "llama.rope.scaling.type": [("string", "yarn")],
        "llama.expert_count": [("u32", 8)],
    }.items():
        for kind, content in kinds:
            yield f"{key.split('.', 1)[1]}-{kind}-{content}", changed(key, kind, content)
        if key in ("llama.block_count", "llama.embedding_length", "llama.context_length"):
            yield f"{key.split('.', 1)[1]}-missing", without(key)
    half = struct.pack("<e", math.nan), struct.pack("<e", math.inf)
    for name, number, block in [
        ("f32-nan", 0, struct.pack("<f", math.nan) * 32), ("f32-infinite", 0, struct.pack("<f", -math.inf) * 32),
        ("f16-nan", 1, half[0] * 32), ("bf16-infinite", 30, b"\x80\x7f" * 32),
        ("q8-nan", 8, half[0] + b"\1" * 32), ("q8-infinite", 8, half[1] + b"\1" * 32),
        ("q4-nan", 2, half[0] + b"\1" * 16), ("q41-infinite", 3, half[1] + half[1] + b"\1" * 16),
    ]:
        yield f"weights-{name}", tensor(type=number, data=block * len(TOKENS))


def tokenizers():
    def tokens(*content):
        return changed("tokenizer.ggml.tokens", *content)

    yield "tokens-missing", without("tokenizer.ggml.tokens")
    yield "tokens-none", tokens("array", ("string", []))
    yield "tokens-numbers", tokens("array", ("u32", [1, 2, 3]))
    yield "tokens-a-text", tokens("string", "abc")
    yield "tokens-too-many", tokens("array", ("string", TOKENS + ["more"]))
    yield "tokens-not-utf8", tokens("array", ("string", [b"\xff"] + TOKENS[1:]))
    # Few tokens lack what the merges name.
    yield "tokens-too-few", tokens("array", ("string", TOKENS[:10]))
    for key in ["scores", "token_type"]:
        kind = "f32" if key == "scores" else "i32"
        for count in [1, len(TOKENS) - 1, len(TOKENS) + 1]:
            yield f"{key}-{count}", changed(f"tokenizer.ggml.{key}", "array", (kind, [1] * count))
        yield f"{key}-texts", changed(f"tokenizer.ggml.{key}", "array", ("string", ["x"] * len(TOKENS)))
    yield "token_type-99", changed("tokenizer.ggml.token_type", "array", ("i32", [99] * len(TOKENS)))
    for name, merges in [("unknown", ["zz qq"]), ("one", ["ab"]), ("three", ["a b c"]), ("empty", [""]), ("space", [" "])]:
        yield f"merges-{name}", changed("tokenizer.ggml.merges", "array", ("string", merges))
    yield "merges-numbers", changed("tokenizer.ggml.merges", "array", ("u8", [1, 2]))
    for number in [len(TOKENS), 1 << 31, (1 << 32) - 2]:
        yield f"eos-{number}", changed("tokenizer.ggml.eos_token_id", "u32", number)
    yield "bos-negative", changed("tokenizer.ggml.bos_token_id", "i32", -2)
    yield "model-unknown", changed("tokenizer.ggml.model", "string", "llama\nspm")
    yield "pre-unknown", changed("tokenizer.ggml.pre", "string", "((a+)+)+$")
    yield "template-deep", extra(("tokenizer.chat_template", ("string", "{{ " + "(" * 100_000 + " }}")))
    yield "template-open", extra(("tokenizer.chat_template", ("string", "{% for m in messages %}")))
    yield "template-17-mb", extra(("tokenizer.chat_template", ("string", "{{a}}" * 3_500_000)))
    yield "template-10-mb", extra(("tokenizer.chat_template", ("string", "{{a}}" * 2_000_000)))
    yield "template-not-text", extra(("tokenizer.chat_template", ("u32", 1)))
    huge = ["x" * 15_000_000 + str(index) for index in range(8)]
    yield "tokens-120-mb", gguf({
        **fields(), "tokenizer.ggml.tokens": ("array", ("string", TOKENS[:252] + huge)),
        "tokenizer.ggml.token_type": ("array", ("i32", [1] * 252 + [3] * 8)),
        "tokenizer.ggml.merges": ("array", ("string", []))})


def cases():
    """Name and bytes of each file."""
    for part in [headers, metadata, tables, models, tokenizers]:
        yield from part()
