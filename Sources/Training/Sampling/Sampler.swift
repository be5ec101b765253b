public import Domain
public import Models

/// Draws the completions of one request at a time, with an engine that others may share.
public final class Sampler {
    /// What does the work.
    public let engine: SamplingEngine

    /// A sampler of `model`; `text` turns tokens into text and knows which of them end it.
    public init(
        model: Transformer,
        head: LanguageHead,
        text: TextCodec,
        limits: SamplingLimits = SamplingLimits()
    ) {
        engine = SamplingEngine(model: model, head: head, text: text, limits: limits)
    }

    /// A sampler that uses an engine as it is.
    init(_ engine: SamplingEngine) { self.engine = engine }

    /// One group of completions a prompt.
    ///
    /// - Parameters:
    ///   - request: what to draw.
    ///   - progress: called with tokens drawn so far.
    /// - Returns: for each prompt its completions, in the order of their sample numbers.
    /// - Throws: `invalidRequest` for an empty prompt, `promptTooLong` for one that leaves no room.
    public func sample(
        _ request: SampleRequest,
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [[SampledSequence]] {
        let job = try engine.submit(request)
        while !job.isFinished {
            engine.step()
            progress(job.drawnTokens)
        }
        return job.completions
    }
}
