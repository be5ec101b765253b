"""Hostile Hugging Face folders, by name: safetensors, configurations, tokenizers, heads, adapters, odd files."""

import copy
import json
import os
import struct

from hostile_model import (
    LAYERS, TOKENS, config, fields, folder, gguf, header, product, safetensors, shapes, tokenizer, weights)

DEEP = 100_000
FIRST, SECOND = "model.embed_tokens.weight", "model.norm.weight"


def entry(name=SECOND, **changes):
    entries, _ = header()
    entries[name] = {**entries[name], **changes}
    return safetensors(entries)


def twice(name):
    """A header that says a name again."""
    entries, _ = header()
    return safetensors(json.dumps(entries)[:-1] + f', "{name}": {json.dumps(entries[SECOND])}}}')


def headers():
    usual, size = header()
    whole = safetensors()
    yield "empty", b""
    yield "one-byte", b"\1"
    yield "seven-bytes", bytes(7)
    yield "length-zero", bytes(8)
    yield "length-zero-with-data", bytes(8) + weights(64)
    for length in [len(whole), 99_999_999, 100_000_001, 1 << 31, 1 << 62, 1 << 63, (1 << 64) - 1, (1 << 64) - 8]:
        yield f"length-{length:x}", safetensors(length=length)
    for length in [1, 2, 100]:
        yield f"length-{length}-too-short", safetensors(length=length)
    for part in [2, 3, 10]:
        yield f"cut-to-1-of-{part}", whole[: len(whole) // part]
    yield "cut-by-1", whole[:-1]
    yield "longer-by-1", whole + b"\0"
    for name, content in [
        ("not-json", "hello"), ("array", "[]"), ("number", "7"), ("null", "null"), ("no-entries", "{}"), ("spaces", "    "),
        ("half", '{"a": {'), ("not-utf8", b'{"\xff\xfe": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}'),
        ("byte-order-mark", b"\xef\xbb\xbf" + json.dumps(usual).encode()),
        ("utf16", json.dumps(usual).encode("utf-16")), ("nul", json.dumps(usual) + "\0\0"),
        ("trailing", json.dumps(usual) + " x"), ("two", json.dumps(usual) + "{}"),
        ("comment", "/* */" + json.dumps(usual)), ("comma", json.dumps(usual)[:-1] + ",}"),
        ("single-quotes", json.dumps(usual).replace('"', "'")),
        ("surrogate", json.dumps(usual)[:-1] + ', "\\ud800": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}'),
        ("control", json.dumps(usual).replace("norm.weight", "norm.\nweight")),
        ("arrays-deep", '{"a": ' + "[" * DEEP + "]" * DEEP + "}"),
        ("objects-deep", '{"a":' * DEEP + "1" + "}" * DEEP),
        ("shape-deep", '{"a": {"dtype": "F32", "shape": ' + "[" * 10_000 + "]" * 10_000 + ', "data_offsets": [0, 0]}}'),
        ("open-deep", "[" * 1_000_000), ("shape-long", '{"a": {"dtype": "F32", "data_offsets": [0, 0], "shape": ['
         + "1," * 20_000_000 + "0]}}"), ("number-long", '{"a": ' + "9" * 1_000_000 + "}"),
        ("entries-many", "{" + ",".join(
            f'"{index}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}' for index in range(1_000_000)) + "}"),
        ("name-50-mb", '{"' + "n" * 50_000_000 + '": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}'),
    ]:
        yield f"header-{name}", safetensors(content)
    yield "name-twice", twice(SECOND)
    yield "name-twice-escaped", twice("model.n\\u006frm.weight")
    yield "metadata-twice", safetensors('{"__metadata__": {}, "__metadata__": {}, ' + json.dumps(usual)[1:])
    for name, content in [("number", 1), ("list", []), ("numbers", {"a": 1}), ("null", None), ("nested", {"a": {"b": "c"}})]:
        yield f"metadata-{name}", safetensors({"__metadata__": content, **usual})
    yield "field-twice", safetensors(json.dumps(usual).replace('"dtype": "F32"', '"dtype": "F32", "dtype": "F16"', 1))


def entries():
    usual, size = header()
    start, end = usual[SECOND]["data_offsets"]
    for name, offsets in [
        ("negative", [-4, end]), ("both-negative", [-8, -4]), ("reversed", [end, start]), ("overlap", [0, 128]),
        ("gap", [start + 4, end + 4]), ("beyond", [start, end + 4]), ("huge", [1 << 62, (1 << 62) + 128]),
        ("wrap", [(1 << 63) - 8, (1 << 63) - 1]), ("unsigned", [start, 1 << 63]), ("too-great", [0, 1 << 64]),
        ("text", ["0", "128"]), ("fraction", [start + 0.5, end]), ("one", [start]), ("three", [start, end, end]),
        ("none", []), ("null", None), ("object", {"start": 0}), ("infinite", [0, 1e999]), ("short", [start, end - 4]),
    ]:
        yield f"offsets-{name}", entry(data_offsets=offsets)
    for name, shape in [
        ("product-overflow", [1 << 32, 1 << 32]), ("bytes-overflow", [1 << 61, 2]), ("wrap-to-32", [1 << 62, 4, 32]),
        ("negative", [-32]), ("two-negative", [-8, -4]), ("zero", [0]), ("fraction", [31.5]), ("text", ["32"]), ("null", None),
        ("long", [1] * 65), ("other", [8, 5]), ("huge", [1 << 63]), ("too-great", [1 << 64]), ("scalar", []),
        ("folded", [4, 8]), ("boolean", [True]), ("number", 32),
    ]:
        yield f"shape-{name}", entry(shape=shape)
    for dtype in ["F31", "", "f32", "F64", "I32", "Q4_0", "F32\nx", "F32\0", 5, None, ["F32"]]:
        yield f"dtype-{dtype!r:.8}", entry(dtype=dtype)
    for name in ["dtype", "shape", "data_offsets"]:
        less, _ = header()
        del less[SECOND][name]
        yield f"without-{name}", safetensors(less)
    fewer = {name: content for name, content in usual.items() if name != SECOND}
    yield "tensor-missing", safetensors(fewer, weights((size - 128) // 4))
    more = {**usual, "mystery.weight": {"dtype": "F32", "shape": [4], "data_offsets": [size, size + 16]}}
    yield "tensor-unknown", safetensors(more, weights(size // 4 + 4))
    lines = {**usual, "a\nb\r\x1b[31mred": {"dtype": "F32", "shape": [4], "data_offsets": [size, size + 16]}}
    yield "tensor-name-with-lines", safetensors(lines, weights(size // 4 + 4))
    for name, number in [("nan", float("nan")), ("infinite", float("inf"))]:
        yield f"weights-{name}", safetensors(data=weights(size // 4 - 1) + struct.pack("<f", number))


def configurations():
    yield "missing", None
    yield "empty", ""
    yield "not-json", "{"
    yield "list", "[]"
    yield "null", "null"
    yield "deep", '{"a":' * 10_000 + "1" + "}" * 10_000
    yield "lists-deep", '{"a":' + "[" * DEEP + "]" * DEEP + "}"
    yield "field-twice", json.dumps(config())[:-1] + ', "num_hidden_layers": 1}'
    yield "ones-20-million", '{"a":[' + "1," * 7_000_000 + "1]," + json.dumps(config())[1:]
    yield "not-utf8", json.dumps(config()).encode()[:-1] + b', "x": "\xff"}'
    yield "nul", json.dumps(config()) + "\0"
    for name, contents in {
        "hidden_size": [0, -32, 1 << 40, 1e308, 31.5, "32", None, True, [], (1 << 63), 33],
        "num_hidden_layers": [0, -1, 1 << 31, 1e308, 0.5, LAYERS + 1, 10**30, "1"],
        "num_attention_heads": [0, 3, -2, 1 << 31, 2.5, {}],
        "num_key_value_heads": [0, 3, -1, 1 << 40],
        "intermediate_size": [0, 1 << 62, -5],
        "vocab_size": [0, -1, 1 << 40, 1e18, len(TOKENS) - 1, len(TOKENS) + 1],
        "max_position_embeddings": [0, 1 << 60, -1, 1e308],
        "head_dim": [0, 1, 15, 1 << 31, -16],
        "rms_norm_eps": [0, -1e-5, 1e308, "x"],
        "rope_theta": [0, -1, 1e308, "x"],
        "bos_token_id": [1 << 62, 1.5, "x", len(TOKENS)],
        "eos_token_id": [[1 << 62], [[257]], "</s>", [1.5], {}],
        "rope_scaling": [{"type": "linear", "factor": 1e308}, {"rope_type": 7}, 7, "x", []],
        "rope_parameters": [{"rope_theta": -1}, {"rope_type": "yarn"}, 3],
        "model_type": ["gpt2", "", 7, None, "llama\n\nhone: done"],
        "architectures": [["Unknown"], ["LlamaForSequenceClassification"]],
        "hidden_act": ["gelu", 5],
        "quantization_config": [{"quant_method": "gptq"}],
        "tie_word_embeddings": [False, "yes", 1],
    }.items():
        for content in contents:
            yield f"{name}-{json.dumps(content):.20}", config(**{name: content})
    for word in ["NaN", "Infinity", "-Infinity", "1e999", "0x20", "01", "+1", "1_000"]:
        yield f"hidden-{word}", json.dumps(config()).replace('"hidden_size": 32', f'"hidden_size": {word}')


def tokenizers():
    def changed(**changes):
        content = tokenizer()
        content.update(changes)
        return content

    def model(**changes):
        content = tokenizer()
        content["model"].update(changes)
        return content

    def vocabulary(**changes):
        content = tokenizer()
        content["model"]["vocab"].update(changes)
        return content

    def added(*more):
        content = tokenizer()
        content["added_tokens"] += more
        return content

    words = json.dumps(tokenizer())
    yield "missing", None
    for name, content in [
        ("empty", ""), ("not-json", "{"), ("list", "[]"), ("half", words[: len(words) // 2]), ("trailing", words + "x"),
        ("nul", words + "\0"), ("not-utf8", words.encode().replace(b'"abc"', b'"\xff\xfe"')),
        ("deep", '{"a":' + "[" * DEEP + "]" * DEEP + "," + words[1:]),
        ("steps-deep", words.replace('"normalizer": null', '"normalizer":' + '{"type":"Sequence","normalizers":[' * 5000
                                     + '{"type":"NFC"}' + "]}" * 5000)),
        ("unbalanced", words[:-1] + "]"), ("many-values", '{"a":[' + "0," * 20_000_000 + "0]," + words[1:]),
        ("model-twice", words[:-1] + ', "model": ' + json.dumps(tokenizer()["model"]) + "}"),
        ("vocab-twice", words.replace('"merges"', '"vocab": {}, "merges"')),
        ("word-twice", words.replace('"abc": 259', '"abc": 259, "abc": 259')),
        ("surrogate", words.replace('"abc"', '"\\ud800"')), ("bad-escape", words.replace('"abc"', '"\\x"')),
        ("control", words.replace('"abc"', '"a\nb"')),
        ("id-1e9", words.replace('"abc": 259', '"abc": 1e9')), ("id-huge", words.replace("259", "9" * 40)),
    ]:
        yield name, content
    for number in [-1, 1 << 31, 1 << 62, (1 << 63) - 1, 300, 258, 1.5, "7", None]:
        yield f"id-{number}", vocabulary(abc=number)
        yield f"added-id-{number}", added({"id": number, "content": "more"})
    yield "too-many", vocabulary(more=260)
    yield "added-without-id", added({"content": "x"})
    yield "added-huge", added({"id": 260, "content": "x" * 100_000_000, "special": True})
    for name, merges in [
        ("unknown", ["zz qq"]), ("one", ["a"]), ("three", ["a b c"]), ("numbers", [1]), ("pair-of-three", [["a", "b", "c"]]),
        ("nested", [[["a"], "b"]]), ("null", None), ("object", {}), ("text", "a b"), ("unmade", ["z z"]),
    ]:
        yield f"merges-{name}", model(merges=merges)
    yield "vocab-list", model(vocab=[])
    yield "vocab-none", model(vocab={})
    yield "type-unigram", model(type="Unigram")
    yield "byte-fallback", model(byte_fallback=True)
    yield "unk-missing", model(unk_token="<nothing>")
    yield "dropout", model(dropout=0.5)
    for expression in ["(a+)+$", "(?:(?:a*)*)*b", "[" * 10_000, "(" * 10_000, "\\", "(?<=a{1,1000})b"]:
        step = {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False}
        last = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
        yield f"regex-{expression[:8]}", changed(pre_tokenizer={"type": "Sequence", "pretokenizers": [step, last]})
    yield "decoder-null", changed(decoder=None)
    yield "pre-unknown", changed(pre_tokenizer={"type": "Unknown\nline"})
    template = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}], "special_tokens": {}}
    yield "template-unknown-token", changed(post_processor=template)
    for number in [-1, 1 << 40, len(TOKENS)]:
        ids = {**template, "special_tokens": {"x": {"id": "x", "ids": [number]}}}
        yield f"template-id-{number}", changed(post_processor=ids)


def sides():
    """Other files of a folder: what they are called and what is in them."""
    for name, content in [
        ("not-json", "{"), ("bos-unknown", {"bos_token": "nothing"}), ("bos-number", {"bos_token": 7}),
        ("template-deep", {"chat_template": "{{" + "(" * DEEP + "}}"}), ("template-open", {"chat_template": "{% if x %}"}),
        ("template-number", {"chat_template": 7}), ("deep", '{"a":' + "[" * DEEP + "]" * DEEP + "}"),
        ("long", '{"a":[' + "0," * 20_000_000 + "0]}"),
    ]:
        yield f"tokenizer_config-{name}", {"tokenizer_config.json": content}
    yield "special_tokens_map-list", {"special_tokens_map.json": "[]"}
    yield "chat_template-deep", {"chat_template.jinja": "{% if x %}" * 20_000}
    yield "chat_template-20-mb", {"chat_template.jinja": "{{a}}" * 4_000_000}
    yield "generation_config-not-json", {"generation_config.json": "{"}
    yield "generation_config-eos", {"generation_config.json": {"eos_token_id": 1 << 62}}
    head = {"pooling": "last", "normalises": True, "template": "{prompt}{completion}"}

    def tensors(**shapes):
        entries, offset = {}, 0
        for name, shape in shapes.items():
            size = 4
            for dimension in shape:
                size *= dimension
            entries[name.replace("_", ".")] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
            offset += size
        return safetensors(entries, weights(offset // 4))

    right = tensors(score_weight=[1, 32], score_bias=[1])
    mixture = {"names": ["a", "b"], "penalties": [], "verbosity": 9, "weights": [1, 2, 3]}
    for name, spec, file in [
        ("not-json", "{", right), ("empty", {}, right), ("no-tensors", head, None), ("cut", head, right[:20]),
        ("pooling", {**head, "pooling": "all"}, right), ("wide", head, tensors(score_weight=[1, 99], score_bias=[1])),
        ("no-bias", head, tensors(score_weight=[1, 32])), ("no-outputs", head, tensors(score_weight=[0], score_bias=[0])),
        ("members", {**head, "head": {"kind": "ensemble", "members": 1 << 62}}, right),
        ("ensemble-of-one", {**head, "head": {"kind": "ensemble", "members": 5}}, right),
        ("preference-odd", {**head, "head": {"kind": "preference", "dimensions": 3}}, right),
        ("attributes-none", {**head, "head": {"kind": "attributes"}}, right),
        ("attributes-gate", {**head, "head": {"kind": "attributes", "gating_width": 1 << 62}}, right),
        ("mixture", {**head, "head": {"kind": "attributes"}, "mixture": mixture},
         tensors(score_weight=[2, 32], score_bias=[2])),
        ("nan", head, tensors(score_weight=[1, 32], score_bias=[1])[:-4] + b"\0\0\xc0\x7f"),
        ("deep", '{"pooling":' + "[" * DEEP + "]" * DEEP + "}", right),
    ]:
        yield f"reward_head-{name}", {"reward_head.json": spec, "reward_head.safetensors": file}
    for name, base in [
        ("missing", {"path": "../nothing", "fingerprint": "x", "layers": 1}),
        ("itself", {"path": ".", "fingerprint": "x", "layers": 1}),
        ("escaping", {"path": "../../../../etc", "fingerprint": "x", "layers": 1}),
        ("passwd", {"path": "/etc/passwd", "fingerprint": "x", "layers": 1}),
        ("layers", {"path": ".", "fingerprint": "x", "layers": -(1 << 62)}),
        ("nul", {"path": "a\0b", "fingerprint": "x", "layers": 1}),
        ("lines", {"path": "a\nb", "fingerprint": "x", "layers": 1}),
    ]:
        yield f"note-base-{name}", {"hone.json": {"sourceType": "F32", "base": base}}
    adapter = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"], "base_model_name_or_path": ""}
    for name, settings in [("alone", adapter), ("rank", {**adapter, "r": 1 << 62}), ("not-json", "{")]:
        yield f"adapter-{name}", {
            "model.safetensors": None, "config.json": None, "adapter_config.json": settings,
            "adapter_model.safetensors": tensors(score_weight=[1, 32])}


def shards():
    usual, _ = header()
    names = list(usual)
    index = "model.safetensors.index.json"

    def said(places, **files):
        return {"model.safetensors": None, index: places, **files}

    whole = safetensors()
    for name, shard in [
        ("missing", "one.safetensors"), ("escaping", "../../etc/passwd"), ("absolute", "/etc/passwd"), ("parent", ".."),
        ("itself", "."), ("empty", ""), ("nul", "a\0b"), ("long", "n" * 100_000), ("index", index), ("lines", "a\nb"),
    ]:
        yield name, said({"weight_map": {tensor: shard for tensor in names}})
    yield "not-json", said("{")
    yield "no-map", said({})
    yield "map-list", said({"weight_map": []})
    yield "map-numbers", said({"weight_map": {names[0]: 7}})
    yield "deep", said('{"weight_map":' + "[" * DEEP + "]" * DEEP + "}")
    yield "none", said({"weight_map": {}})
    yield "lacks-tensor", said({"weight_map": {**{name: "a" for name in names}, "more": "a"}}, a=whole)
    yield "name-twice", said(
        '{"weight_map": {' + ",".join(f'"{name}": "a"' for name in names + names[:1]) + "}}", a=whole)
    yield "places-too-few", said({"weight_map": {name: "a" for name in names[1:]}}, a=whole)
    yield "shard-cut", said({"weight_map": {name: "a" for name in names}}, a=whole[:100])


def cases():
    """Name and the files of each folder that are not as usual."""
    for name, content in [*headers(), *entries()]:
        yield f"safetensors-{name}", {"model.safetensors": content}
    for name, content in configurations():
        yield f"config-{name}", {"config.json": copy.deepcopy(content)}
    for name, content in tokenizers():
        yield f"tokenizer-{name}", {"tokenizer.json": content}
    for name, files in shards():
        yield f"shards-{name}", files
    yield from sides()


def odd_files(root):
    """Name and path of what is no ordinary file."""
    def made(name, make):
        path = root / name
        make(path)
        return name, path

    def sparse(size, content=b""):
        def make(path):
            path.write_bytes(content)
            os.truncate(path, size)
        return make

    yield made("fifo.gguf", os.mkfifo)
    yield made("folder.gguf", lambda path: path.mkdir())
    yield made("link-to-itself.gguf", lambda path: path.symlink_to(path))
    yield made("link-to-nothing.gguf", lambda path: path.symlink_to(root / "nothing"))
    yield made("link-to-zero.gguf", lambda path: path.symlink_to("/dev/zero"))
    yield made("link-to-random.gguf", lambda path: path.symlink_to("/dev/urandom"))
    yield made("link-to-memory.gguf", lambda path: path.symlink_to("/proc/self/mem"))
    yield made("sparse-zeros.gguf", sparse(1 << 42))
    yield made("sparse-magic.gguf", sparse(1 << 42, b"GGUF\3\0\0\0"))
    vast = struct.pack("<Q", 90_000_000) + b'{"a":'
    yield made("sparse.safetensors", sparse(1 << 42, vast))
    (root / "config.json").write_text(json.dumps(config()))
    (root / "tokenizer.json").write_text(json.dumps(tokenizer()))
    yield from sparse_models(root)
    for name in [
        "config.json", "tokenizer.json", "model.safetensors", "tokenizer_config.json", "chat_template.jinja", "hone.json",
        "reward_head.json", "generation_config.json",
    ]:
        for kind in ["fifo", "zero", "sparse"]:
            path = folder(root / f"{kind}-{name}", files={name: None})
            if kind == "fifo":
                os.mkfifo(path / name)
            elif kind == "zero":
                (path / name).symlink_to("/dev/zero")
            else:
                sparse(1 << 41)(path / name)
            yield path.name, path
    if os.geteuid() != 0:
        yield made("unreadable.gguf", lambda path: (path.write_bytes(gguf()), path.chmod(0)))


def sparse_models(root):
    """Models whose files are nearly all hole: the sizes fit, the data were never written."""
    width = 1 << 15
    content = {
        **fields(), "llama.embedding_length": ("u32", width), "llama.attention.head_count": ("u32", 4096),
        "llama.attention.head_count_kv": ("u32", 4096)}
    wide = {"token_embd": [width, len(TOKENS)], "ffn_gate": [width, 32], "ffn_up": [width, 32], "ffn_down": [32, width]}
    for kind, (number, block, size) in {"f32": (0, 1, 4), "q8": (8, 32, 34)}.items():
        entries, offset = [], 0
        for _, name, shape in shapes():
            part = name.split(".")[-2]
            dims = wide.get(part, [width] * len(shape))
            entries.append({"name": name, "dims": dims, "type": number, "offset": offset, "data": b""})
            offset += (product(dims) // block * size + 31) // 32 * 32
        path = root / f"hollow-{kind}.gguf"
        path.write_bytes(gguf(content, entries))
        os.truncate(path, path.stat().st_size + offset)
        yield path.name, path
