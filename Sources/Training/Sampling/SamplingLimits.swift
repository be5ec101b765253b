public import Domain
import Models

/// How much a `SamplingEngine` takes on at a time.
public struct SamplingLimits: Sendable, Hashable {
    /// Sequences decoded together; more wait until one has finished.
    public var sequences = 128
    /// Prompt tokens computed in one step, beside one token of each sequence.
    public var prefillTokens = 512
    /// Keys and values of sequences at work, bytes.
    ///
    /// One sequence alone may take more.
    public var cacheBytes = 1536 << 20
    /// Keys and values of prompts that are kept for requests to come, bytes; 0 keeps none.
    public var prefixCacheBytes = 256 << 20

    /// The values above.
    public init() {}

    /// Sequences of 256 tokens are enough for small models, whose rows are.
    private var usualRows: Int { sequences * 256 }

    /// Cache rows of sequences at work.
    func rowCount(_ shape: ModelConfiguration) -> Int {
        max(1, min(usualRows, cacheBytes / KeyValueCache.bytes(shape, rowCount: 1)))
    }

    /// Cache rows of kept prompts.
    func prefixRowCount(_ shape: ModelConfiguration) -> Int {
        min(usualRows, prefixCacheBytes / KeyValueCache.bytes(shape, rowCount: 1))
    }

    /// The most memory that keys and values take, bytes.
    public func bytes(_ shape: ModelConfiguration) -> Int {
        KeyValueCache.bytes(shape, rowCount: rowCount(shape) + prefixRowCount(shape))
    }
}
