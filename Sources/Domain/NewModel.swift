/// A model to be made with random weights: its sizes, its tokenizer and its seed.
public struct NewModel: Sendable, Hashable, Codable {
    /// `bytes`, `ascii`, or the name of a model whose tokenizer it shares.
    public var tokenizer: String
    /// A text file whose frequent words become tokens beyond the bytes; `nil`: none do.
    public var tokenizerText: String?
    /// The most tokens that are learned from that text, bytes and special tokens counted.
    public var vocabularySize: Int
    /// Number of transformer layers.
    public var layerCount: Int
    /// Width of the residual stream, channels.
    public var hiddenSize: Int
    /// Query heads of one attention layer.
    public var headCount: Int
    /// Key/value heads of one attention layer.
    public var keyValueHeadCount: Int
    /// Width of the feed-forward layer, channels.
    public var intermediateSize: Int
    /// The longest sequence, tokens.
    public var contextLength: Int
    /// Equal seeds and sizes give equal weights.
    public var seed: UInt64

    /// Tokenizers that need no other model.
    public static let ownTokenizers = ["bytes", "ascii"]
    /// The most parameters that are made: float32 of 4 GiB.
    public static let mostParameters = 1 << 30

    /// A model of these sizes; what is left out is as Llama has it.
    public init(
        tokenizer: String,
        tokenizerText: String? = nil,
        vocabularySize: Int = 2048,
        layerCount: Int,
        hiddenSize: Int,
        headCount: Int,
        keyValueHeadCount: Int? = nil,
        intermediateSize: Int? = nil,
        contextLength: Int = 512,
        seed: UInt64 = 0
    ) {
        self.tokenizer = tokenizer
        self.tokenizerText = tokenizerText
        self.vocabularySize = vocabularySize
        self.layerCount = layerCount
        self.hiddenSize = hiddenSize
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount ?? headCount
        // Two thirds of four times the width (Touvron et al. 2023, section 2.2), in whole vectors.
        self.intermediateSize = intermediateSize ?? (hiddenSize * 8 / 3 + 31) / 32 * 32
        self.contextLength = contextLength
        self.seed = seed
    }

    /// What is wrong with the sizes taken together, each with its path under `path`.
    public func faults(at path: String) -> [Fault] {
        var faults: [Fault] = []
        func require(_ holds: Bool, _ field: String, _ message: String) {
            if !holds { faults.append(Fault(path: "\(path).\(field)", message: message)) }
        }
        require(
            hiddenSize.isMultiple(of: 2 * headCount),
            "hidden",
            "must be a multiple of twice the heads, \(2 * headCount): rotary positions turn pairs "
                + "of channels of each head"
        )
        require(
            headCount.isMultiple(of: keyValueHeadCount),
            "kv_heads",
            "must divide heads (\(headCount)), which share them evenly"
        )
        require(
            tokenizerText == nil || tokenizer == "bytes",
            "tokenizer_text",
            "goes with the tokenizer \"bytes\" only, whose vocabulary it widens"
        )
        let layer =
            2 * hiddenSize * (hiddenSize + hiddenSize / headCount * keyValueHeadCount)
            + 3 * hiddenSize * intermediateSize
        require(
            layerCount * layer + vocabularySize * hiddenSize <= Self.mostParameters,
            "layers",
            "would give more than \(Self.mostParameters) parameters: choose fewer or narrower layers"
        )
        return faults
    }
}
