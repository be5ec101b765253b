public import Kernels

/// Sequences laid end to end without padding, a shared prompt once for all that continue it.
public struct PackedBatch: Sendable {
    /// The token of each row.
    public private(set) var tokens: [Int32] = []
    /// Position of each token in its own sequence.
    public private(set) var positions: [Int32] = []
    /// One for each stretch of rows: a prompt, a completion behind its prompt, or a whole text.
    public private(set) var segments: [AttentionSegment] = []
    /// For each completion token: the row whose hidden state predicts it.
    public private(set) var predictorRows: [Int32] = []
    /// For each completion token: the token.
    public private(set) var targets: [Int32] = []
    /// For each completion, in the order added: its range in `predictorRows`.
    public private(set) var completionRanges: [Range<Int>] = []
    /// For each added segment: its rows.
    public private(set) var segmentRows: [Range<Int>] = []

    /// An empty batch, to append to.
    public init() {}

    /// Number of tokens.
    public var count: Int { tokens.count }

    /// Adds a prompt and the completions that continue it; the prompt's tokens are there once.
    ///
    /// Without prompt tokens, a completion's first token has nothing that predicts it: only the
    /// tokens from its second on are predicted.
    public mutating func append(prompt: [Int32], completions: [[Int32]]) {
        let promptStart = tokens.count
        if !prompt.isEmpty { appendSegment(prompt, firstPosition: 0, prefix: 0..<0) }
        let prefix = promptStart..<tokens.count
        for completion in completions {
            let start = tokens.count
            let first = predictorRows.count
            // The last token predicts nothing that is asked for, but a prompt-less sequence of one
            // still needs its row.
            let kept = prompt.isEmpty ? completion[...] : completion.dropLast()
            if !kept.isEmpty {
                appendSegment(Array(kept), firstPosition: prefix.count, prefix: prefix)
            }
            for (index, token) in completion.enumerated() {
                if index == 0 && prompt.isEmpty { continue }
                let row = index == 0 ? prefix.upperBound - 1 : start + index - 1
                predictorRows.append(Int32(row))
                targets.append(token)
            }
            completionRanges.append(first..<predictorRows.count)
        }
    }

    /// Adds a whole sequence of which nothing is predicted (a text to score).
    public mutating func append(sequence: [Int32]) {
        appendSegment(sequence, firstPosition: 0, prefix: 0..<0)
    }

    private mutating func appendSegment(_ new: [Int32], firstPosition: Int, prefix: Range<Int>) {
        let start = tokens.count
        tokens += new
        positions += (firstPosition..<firstPosition + new.count).map(Int32.init)
        segmentRows.append(start..<tokens.count)
        segments.append(
            AttentionSegment(
                queryStart: start,
                queryCount: new.count,
                keyStart: start,
                keyCount: new.count,
                prefixStart: prefix.lowerBound,
                prefixCount: prefix.count
            )
        )
    }
}
