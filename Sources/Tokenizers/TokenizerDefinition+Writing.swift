public import Foundation

extension TokenizerDefinition {
    /// The definition as a Hugging Face `tokenizer.json`, which `tokenizers` and `transformers`
    /// load with equal ids.
    public func tokenizerJSON() -> Data {
        var json = JSONText()
        json.raw(#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":["#)
        json.list(addedTokens) { $0.added($1) }
        json.raw("],\n\"normalizer\":")
        json.raw(preTokenization.normalization == .nfc ? #"{"type":"NFC"}"# : "null")
        json.raw(",\n\"pre_tokenizer\":")
        json.sequence(preTokenization.steps, of: "pretokenizers") { $0.step($1) }
        json.raw(",\n\"post_processor\":")
        writePostProcessor(&json)
        json.raw(",\n\"decoder\":")
        json.step(.byteLevel(addsPrefixSpace: true, usesPattern: true))
        json.raw(",\n\"model\":{\"type\":\"BPE\",\"dropout\":null,")
        json.field("unk_token", emitsUnknownToken ? text(unknownTokenID) : nil)
        json.raw(#""continuing_subword_prefix":null,"end_of_word_suffix":null,"#)
        json.raw(#""fuse_unk":false,"byte_fallback":false,"ignore_merges":"#)
        json.raw("\(prefersWholeWords),\n\"vocab\":{")
        json.list(tokens.enumerated()) { json, token in
            json.string(token.element)
            json.raw(":\(token.offset)")
        }
        json.raw("},\n\"merges\":[")
        json.list(mergeStrings, separator: ",\n") { $0.string($1) }
        json.raw("]}}\n")
        return Data(json.bytes)
    }

    /// What goes beside it as `tokenizer_config.json`: special tokens and the chat template.
    public func tokenizerConfigJSON() -> Data {
        var json = JSONText()
        json.raw("{")
        json.field("bos_token", text(beginTokenID))
        json.field("eos_token", text(endTokenID))
        json.field("pad_token", text(paddingTokenID))
        json.field("unk_token", text(unknownTokenID))
        json.field("chat_template", chatTemplate)
        json.raw(#""clean_up_tokenization_spaces":false,"add_bos_token":\#(addsBeginToken),"#)
        json.raw(#""model_max_length":1000000000000000019884624838656,"#)
        json.raw(#""tokenizer_class":"PreTrainedTokenizerFast"}"#)
        json.raw("\n")
        return Data(json.bytes)
    }

    private func text(_ id: Int32?) -> String? {
        id.flatMap { tokens.indices.contains(Int($0)) ? tokens[Int($0)] : nil }
    }

    private func writePostProcessor(_ json: inout JSONText) {
        let special = (prefixTokenIDs + suffixTokenIDs).filter { tokens.indices.contains(Int($0)) }
        guard !special.isEmpty else {
            return json.step(.byteLevel(addsPrefixSpace: true, usesPattern: true))
        }
        func writePieces(_ ids: [Int32], _ json: inout JSONText) {
            for id in ids {
                json.raw(#"{"SpecialToken":{"id":"#)
                json.string(text(id) ?? "")
                json.raw(#","type_id":0}}"#)
                json.raw(",")
            }
        }
        func writeTemplate(_ json: inout JSONText, _ sequences: [String]) {
            json.raw("[")
            json.list(sequences) { json, name in
                writePieces(prefixTokenIDs, &json)
                json.raw(#"{"Sequence":{"id":"\#(name)","type_id":0}}"#)
                guard !suffixTokenIDs.isEmpty else { return }
                json.raw(",")
                writePieces(suffixTokenIDs, &json)
                json.dropLastByte()
            }
            json.raw("]")
        }
        json.raw(#"{"type":"TemplateProcessing","single":"#)
        writeTemplate(&json, ["A"])
        json.raw(#","pair":"#)
        writeTemplate(&json, ["A", "B"])
        json.raw(#","special_tokens":{"#)
        json.list(Set(special).sorted()) { json, id in
            json.string(text(id) ?? "")
            json.raw(#":{"id":"#)
            json.string(text(id) ?? "")
            json.raw(#","ids":[\#(id)],"tokens":["#)
            json.string(text(id) ?? "")
            json.raw("]}")
        }
        json.raw("}}")
    }
}

extension JSONText {
    fileprivate mutating func added(_ token: AddedToken) {
        raw(#"{"id":\#(token.id),"content":"#)
        string(token.content)
        raw(#","single_word":\#(token.isSingleWord),"lstrip":\#(token.stripsLeft)"#)
        raw(#","rstrip":\#(token.stripsRight),"normalized":\#(token.isNormalized)"#)
        raw(#","special":\#(token.isSpecial)}"#)
    }

    /// One component as it is, several as a `Sequence`.
    fileprivate mutating func sequence<Item>(
        _ items: [Item],
        of name: String,
        _ write: (inout Self, Item) -> Void
    ) {
        guard items.count != 1 else { return write(&self, items[0]) }
        raw(#"{"type":"Sequence","\#(name)":["#)
        list(items) { write(&$0, $1) }
        raw("]}")
    }

    fileprivate mutating func step(_ step: PreTokenization.Step) {
        switch step {
        case .digits(let individual):
            raw(#"{"type":"Digits","individual_digits":\#(individual)}"#)
        case .split(let pattern):
            raw(#"{"type":"Split","pattern":{"Regex":"#)
            string(pattern.expression)
            raw(#"},"behavior":"Isolated","invert":false}"#)
        case .byteLevel(let addsPrefixSpace, let usesPattern):
            raw(#"{"type":"ByteLevel","add_prefix_space":\#(addsPrefixSpace)"#)
            raw(#","trim_offsets":false,"use_regex":\#(usesPattern)}"#)
        }
    }
}
