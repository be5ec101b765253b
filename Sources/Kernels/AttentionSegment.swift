/// One run of queries and the keys it sees; never a dense mask.
///
/// Query `i` sees all of the prefix and its own keys up to and including key
/// `keyCount − queryCount + i`: causal attention within the segment after a shared prefix. Keys and
/// values are rows of the key and value matrices: of the packed batch in training, of the cache in
/// sampling.
public struct AttentionSegment: Sendable, Hashable {
    /// First row of the queries.
    public var queryStart: Int
    /// Number of query rows.
    public var queryCount: Int
    /// First row of the segment's own keys.
    public var keyStart: Int
    /// Own keys, those of the queries included.
    public var keyCount: Int
    /// First row of the shared prefix's keys.
    public var prefixStart: Int
    /// 0 without a prefix.
    public var prefixCount: Int

    /// A segment by first rows and counts, without a prefix unless one is given.
    public init(
        queryStart: Int,
        queryCount: Int,
        keyStart: Int,
        keyCount: Int,
        prefixStart: Int = 0,
        prefixCount: Int = 0
    ) {
        self.queryStart = queryStart
        self.queryCount = queryCount
        self.keyStart = keyStart
        self.keyCount = keyCount
        self.prefixStart = prefixStart
        self.prefixCount = prefixCount
    }
}

/// The head layout of an attention layer.
public struct AttentionShape: Sendable, Hashable {
    /// Query heads.
    public var headCount: Int
    /// Key/value heads; `headCount` is a multiple of it.
    public var keyValueHeadCount: Int
    /// Channels of one head.
    public var headSize: Int

    /// A layout of query heads over key/value heads.
    public init(headCount: Int, keyValueHeadCount: Int, headSize: Int) {
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
    }

    /// Query heads that share one key head.
    public var groupSize: Int { headCount / keyValueHeadCount }
    /// What scores are multiplied by: 1/√(head size).
    public var scale: Float { 1 / Float(headSize).squareRoot() }
}
