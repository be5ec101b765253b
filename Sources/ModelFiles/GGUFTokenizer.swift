/// The tokenizer in a GGUF file's metadata (`tokenizer.ggml.*`, ggml's `docs/gguf.md`).
public struct GGUFTokenizer: Sendable, Hashable {
    /// The kind of tokenizer: `gpt2` is byte-level BPE, `llama` is SentencePiece.
    public var model: String
    /// The name of the splitting rule before BPE: `smollm`, `llama-bpe` and so on.
    public var preTokenizer: String?
    /// The text of each token, by id.
    public var tokens: [String]
    /// 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; empty or as many as tokens.
    public var types: [Int]
    /// SentencePiece scores; empty or as many as tokens.
    public var scores: [Double]
    /// BPE merges, `left right`, best first.
    public var merges: [String]
    /// Begins a sequence.
    public var beginTokenID: Int?
    /// Ends a sequence.
    public var endTokenID: Int?
    /// Ends a turn where that is not `endTokenID`.
    public var endOfTurnTokenID: Int?
    /// Fills up a batch.
    public var padTokenID: Int?
    /// Stands for what has no token.
    public var unknownTokenID: Int?
    /// Whether encoding puts `beginTokenID` first.
    public var addsBegin: Bool?
    /// Whether encoding puts `endTokenID` last.
    public var addsEnd: Bool?
    /// Whether encoding puts a space before the text.
    public var addsSpacePrefix: Bool?
    /// The Jinja text.
    public var chatTemplate: String?

    /// Makes it from its parts.
    public init(model: String, preTokenizer: String? = nil, tokens: [String], merges: [String] = [])
    {
        self.model = model
        self.preTokenizer = preTokenizer
        self.tokens = tokens
        self.merges = merges
        types = []
        scores = []
    }

    /// Reads the tokenizer of `file`; `nil` when it holds none.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` naming the key at fault.
    public init?(_ file: GGUFFile) throws {
        let reader = GGUFFieldReader(file: file)
        func key(_ name: String) -> String { "tokenizer.ggml." + name }
        guard let model = try reader.string(key("model")), file[key("tokens")] != nil else {
            return nil
        }
        self.init(
            model: model,
            preTokenizer: try reader.string(key("pre")),
            tokens: try reader.list(key("tokens"), \.stringValue),
            merges: try reader.list(key("merges"), \.stringValue)
        )
        types = try reader.list(key("token_type"), \.integerValue)
        scores = try reader.list(key("scores"), \.doubleValue)
        for (name, count) in [("token_type", types.count), ("scores", scores.count)]
        where count != 0 && count != tokens.count {
            throw reader.failure(key(name), "has \(count) elements for \(tokens.count) tokens")
        }
        beginTokenID = try reader.token(key("bos_token_id"))
        endTokenID = try reader.token(key("eos_token_id"))
        endOfTurnTokenID = try reader.token(key("eot_token_id"))
        padTokenID = try reader.token(key("padding_token_id"))
        unknownTokenID = try reader.token(key("unknown_token_id"))
        addsBegin = try reader.bool(key("add_bos_token"))
        addsEnd = try reader.bool(key("add_eos_token"))
        addsSpacePrefix = try reader.bool(key("add_space_prefix"))
        chatTemplate = try reader.string("tokenizer.chat_template")
    }

    /// The metadata that says the same, for `GGUFWriter`.
    public var fields: [GGUFField] {
        var fields: [GGUFField] = []
        func add(_ name: String, _ value: GGUFValue?) {
            if let value { fields.append(GGUFField("tokenizer." + name, value)) }
        }
        func token(_ id: Int?) -> GGUFValue? { id.map { .uint32(UInt32(clamping: $0)) } }
        add("ggml.model", .string(model))
        add("ggml.pre", preTokenizer.map(GGUFValue.string))
        add("ggml.tokens", .strings(tokens))
        if !scores.isEmpty {
            add("ggml.scores", .array(.float32, scores.map { .float32(Float($0)) }))
        }
        if !types.isEmpty {
            add("ggml.token_type", .array(.int32, types.map { .int32(Int32(clamping: $0)) }))
        }
        if !merges.isEmpty { add("ggml.merges", .strings(merges)) }
        add("ggml.bos_token_id", token(beginTokenID))
        add("ggml.eos_token_id", token(endTokenID))
        add("ggml.eot_token_id", token(endOfTurnTokenID))
        add("ggml.padding_token_id", token(padTokenID))
        add("ggml.unknown_token_id", token(unknownTokenID))
        add("ggml.add_bos_token", addsBegin.map(GGUFValue.bool))
        add("ggml.add_eos_token", addsEnd.map(GGUFValue.bool))
        add("ggml.add_space_prefix", addsSpacePrefix.map(GGUFValue.bool))
        add("chat_template", chatTemplate.map(GGUFValue.string))
        return fields
    }
}
