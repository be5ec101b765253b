/// The shape of a decoder-only transformer, as in a Hugging Face `config.json`.
public struct ModelConfiguration: Sendable, Hashable, Codable {
    /// The family, in Hugging Face's `model_type` spelling: `llama`.
    public var architecture: String
    public var vocabularySize: Int
    public var hiddenSize: Int
    public var intermediateSize: Int
    public var layerCount: Int
    public var headCount: Int
    public var keyValueHeadCount: Int
    /// Channels of one attention head.
    public var headSize: Int
    /// The longest sequence the model was made for, tokens.
    public var contextLength: Int
    public var normEpsilon: Double
    public var ropeTheta: Double
    /// Whether the output head is the embedding matrix.
    public var tiesEmbeddings: Bool
    public var beginTokenID: Int?
    /// Tokens that end a completion.
    public var endTokenIDs: [Int]
    public var padTokenID: Int?

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
