import Domain
import Kernels
import Tokenizers

/// One sequence while it is being drawn.
final class DecodingSequence {
    let group: PromptGroup
    /// Its number in the group.
    let sample: Int
    /// Cache rows of its own tokens; empty until it has joined the batch.
    var rows = 0..<0
    private(set) var sequence = SampledSequence()
    private(set) var isFinished = false
    private var decoder: IncrementalDecoder
    private var matcher: StopStringMatcher
    /// What its tokens so far cost, where they cost anything.
    private var penalty: RepetitionPenalty?
    private var seen: Set<Int32> = []

    init(_ group: PromptGroup, sample: Int, text: TextCodec) {
        self.group = group
        self.sample = sample
        decoder = IncrementalDecoder(text.tokenizer)
        matcher = StopStringMatcher(group.job.request.parameters.stop)
        if let factor = group.job.request.parameters.repetitionPenalty, factor != 1 {
            penalty = RepetitionPenalty(factor: Float(factor), tokens: [])
            for token in group.prompt { note(token) }
        }
    }

    /// Counts `token` among those that came before.
    private func note(_ token: Int32) {
        guard penalty != nil, seen.insert(token).inserted else { return }
        penalty?.tokens.append(token)
    }

    /// How its next token is drawn.
    var drawRequest: DrawRequest {
        let (job, stream) = (group.job, group.stream)
        let parameters = job.request.parameters
        var request = DrawRequest(
            temperature: Float(
                parameters.temperature(ofSample: sample, among: job.request.groupSize)
            ),
            topK: parameters.topK,
            topP: Float(parameters.topP),
            minP: Float(parameters.minP),
            uniform: job.philox.uniform(stream, stream >> 32, sample, sequence.tokens.count)
        )
        request.penalty = penalty
        return request
    }

    /// Adds a drawn token and finds out whether the sequence ends with it.
    func take(_ draw: Draw, endTokens: Set<Int32>) {
        sequence.tokens.append(draw.token)
        note(draw.token)
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
        } else if sequence.tokens.count >= group.tokenLimit {
            finish(.length)
        }
    }

    private func finish(_ reason: StopReason) {
        sequence.text += matcher.append(decoder.finish())
        if matcher.matched == nil { sequence.text += matcher.finish() }
        sequence.stopReason = reason
        isFinished = true
    }
}
