import Domain
import Kernels
import Tokenizers

/// Hands out runs of cache rows.
struct CacheSlots {
    private(set) var count = 0

    mutating func take(_ length: Int) -> Range<Int> {
        defer { count += length }
        return count..<count + length
    }
}

/// One sequence while it is being drawn.
struct DecodingState {
    let stream: Int
    let sample: Int
    /// Cache rows of the shared prompt.
    let prefix: Range<Int>
    /// Cache rows of its own tokens.
    let own: Range<Int>
    private(set) var sequence = SampledSequence()
    private(set) var isFinished = false
    private var decoder: IncrementalDecoder
    private var matcher: StopStringMatcher

    init(
        stream: Int,
        sample: Int,
        prefix: Range<Int>,
        own: Range<Int>,
        text: TextCodec,
        stop: [String]
    ) {
        self.stream = stream
        self.sample = sample
        self.prefix = prefix
        self.own = own
        decoder = IncrementalDecoder(text.tokenizer)
        matcher = StopStringMatcher(stop)
    }

    /// Adds a drawn token and finds out whether the sequence ends with it.
    mutating func take(_ draw: Draw, endTokens: Set<Int32>) {
        sequence.tokens.append(draw.token)
        sequence.logprobs.append(draw.logprob)
        sequence.samplingLogprobs.append(draw.samplingLogprob)
        if endTokens.contains(draw.token) {
            finish(.endToken)
            return
        }
        sequence.text += matcher.append(decoder.append(draw.token))
        if matcher.matched != nil {
            isFinished = true
            sequence.stopReason = .stopString
        } else if sequence.tokens.count >= own.count {
            finish(.length)
        }
    }

    private mutating func finish(_ reason: StopReason) {
        sequence.text += matcher.append(decoder.finish())
        if matcher.matched == nil { sequence.text += matcher.finish() }
        sequence.stopReason = reason
        isFinished = true
    }
}

/// The tokens of one forward pass over the cache.
struct TokenPass {
    private(set) var tokens: [Int32] = []
    private(set) var positions: [Int32] = []
    private(set) var segments: [AttentionSegment] = []
    private(set) var cacheRows: [Int32] = []

    mutating func append(prompt: [Int32], slots: Range<Int>) {
        segments.append(
            AttentionSegment(
                queryStart: tokens.count,
                queryCount: prompt.count,
                keyStart: slots.lowerBound,
                keyCount: prompt.count
            )
        )
        tokens += prompt
        positions += (0..<prompt.count).map { Int32($0) }
        cacheRows += slots.map { Int32($0) }
    }

    /// The last drawn token of a sequence.
    mutating func append(next state: DecodingState) {
        guard let token = state.sequence.tokens.last else {
            preconditionFailure("drawn in prefill")
        }
        let index = state.sequence.tokens.count - 1
        segments.append(
            AttentionSegment(
                queryStart: tokens.count,
                queryCount: 1,
                keyStart: state.own.lowerBound,
                keyCount: index + 1,
                prefixStart: state.prefix.lowerBound,
                prefixCount: state.prefix.count
            )
        )
        tokens.append(token)
        positions.append(Int32(state.prefix.count + index))
        cacheRows.append(Int32(state.own.lowerBound + index))
    }
}
