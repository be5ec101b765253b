import Kernels

/// The tokens of one forward pass over the cache; emptied and filled again for each.
struct TokenPass {
    private(set) var tokens: [Int32] = []
    private(set) var positions: [Int32] = []
    private(set) var segments: [AttentionSegment] = []
    private(set) var cacheRows: [Int32] = []

    /// Number of tokens.
    var count: Int { tokens.count }

    mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        segments.removeAll(keepingCapacity: true)
        cacheRows.removeAll(keepingCapacity: true)
    }

    /// Tokens `part` of a prompt whose rows are `rows`; those before `part` are computed.
    mutating func append(prompt: [Int32], part: Range<Int>, rows: Range<Int>) {
        segments.append(
            AttentionSegment(
                queryStart: tokens.count,
                queryCount: part.count,
                keyStart: rows.lowerBound,
                keyCount: part.upperBound
            )
        )
        tokens += prompt[part]
        for position in part {
            positions.append(Int32(position))
            cacheRows.append(Int32(rows.lowerBound + position))
        }
    }

    /// The last drawn token of a sequence, number `index` of its completion.
    mutating func append(_ token: Int32, index: Int, prompt: Range<Int>, own: Range<Int>) {
        segments.append(
            AttentionSegment(
                queryStart: tokens.count,
                queryCount: 1,
                keyStart: own.lowerBound,
                keyCount: index + 1,
                prefixStart: prompt.lowerBound,
                prefixCount: prompt.count
            )
        )
        tokens.append(token)
        positions.append(Int32(prompt.count + index))
        cacheRows.append(Int32(own.lowerBound + index))
    }
}
