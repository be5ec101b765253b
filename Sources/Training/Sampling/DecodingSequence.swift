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

    init(_ group: PromptGroup, sample: Int, text: TextCodec) {
        self.group = group
        self.sample = sample
        decoder = IncrementalDecoder(text.tokenizer)
        matcher = StopStringMatcher(group.job.request.parameters.stop)
    }

    /// How its next token is drawn.
    var drawRequest: DrawRequest {
        let (job, stream) = (group.job, group.stream)
        let parameters = job.request.parameters
        return DrawRequest(
            temperature: Float(
                parameters.temperature(ofSample: sample, among: job.request.groupSize)
            ),
            topK: parameters.topK,
            topP: Float(parameters.topP),
            minP: Float(parameters.minP),
            uniform: job.philox.uniform(stream, stream >> 32, sample, sequence.tokens.count)
        )
    }

    /// Adds a drawn token and finds out whether the sequence ends with it.
    func take(_ draw: Draw, endTokens: Set<Int32>) {
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
