/// The shape of a decoder-only transformer, as in a Hugging Face `config.json`.
public struct ModelConfiguration: Sendable, Hashable, Codable {
    /// The family, in Hugging Face's `model_type` spelling: `llama`.
    public var architecture: String
    /// Number of token ids: rows of the embedding matrix.
    public var vocabularySize: Int
    /// Width of the residual stream, channels.
    public var hiddenSize: Int
    /// Width of the feed-forward layer between its gate and down projections, channels.
    public var intermediateSize: Int
    /// Number of transformer layers.
    public var layerCount: Int
    /// Query heads of one attention layer.
    public var headCount: Int
    /// Key/value heads of one attention layer; fewer than `headCount` when queries share them.
    public var keyValueHeadCount: Int
    /// Channels of one attention head.
    public var headSize: Int
    /// The longest sequence the model was made for, tokens.
    public var contextLength: Int
    /// Added to the mean square under RMSNorm's root.
    public var normEpsilon: Double
    /// Base of the rotary frequencies: channel pair c turns by theta^(−2c / head size) a position.
    public var ropeTheta: Double
    /// Whether the output head is the embedding matrix.
    public var tiesEmbeddings: Bool
    /// The token that starts a text, when the model has one.
    public var beginTokenID: Int?
    /// Tokens that end a completion.
    public var endTokenIDs: [Int]
    /// The token that fills up batches, when the model has one.
    public var padTokenID: Int?

    /// The shape of a model; without `headSize` the heads divide `hiddenSize` evenly.
    public init(
        architecture: String = "llama",
        vocabularySize: Int,
        hiddenSize: Int,
        intermediateSize: Int,
        layerCount: Int,
        headCount: Int,
        keyValueHeadCount: Int,
        headSize: Int? = nil,
        contextLength: Int,
        normEpsilon: Double = 1e-5,
        ropeTheta: Double = 10_000,
        tiesEmbeddings: Bool,
        beginTokenID: Int? = nil,
        endTokenIDs: [Int] = [],
        padTokenID: Int? = nil
    ) {
        self.architecture = architecture
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.layerCount = layerCount
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize ?? hiddenSize / max(1, headCount)
        self.contextLength = contextLength
        self.normEpsilon = normEpsilon
        self.ropeTheta = ropeTheta
        self.tiesEmbeddings = tiesEmbeddings
        self.beginTokenID = beginTokenID
        self.endTokenIDs = endTokenIDs
        self.padTokenID = padTokenID
    }
}
