import Domain
import Testing
import Training

@Suite struct `Sampling weights` {
    private static func request(_ weights: SamplingWeights?) -> SampleRequest {
        SamplerRequests.request(SamplingParameters(maxTokens: 12, weights: weights))
    }

    /// A mantissa of 8 bits errs by 2⁻⁹, an 8-bit integer by 1/254 of the largest of 32 weights; the tiny
    /// models' log-probabilities move by a few times as much.
    @Test(arguments: [SamplingWeights.bfloat16, .int8])
    func `what is drawn with fewer bits has the policy's own log-probabilities`(
        weights: SamplingWeights
    ) throws {
        let session = try TinyModel().session(threads: 2)
        let request = Self.request(weights)
        let groups = try session.sample(request, includesReference: false)
        let scored = try session.scorer.logprobs(
            zip(request.prompts, groups).map { prompt, group in
                SequenceGroup(prompt: prompt, completions: group.map { $0.tokens })
            }
        )
        var largest: Float = 0
        for (drawn, own) in zip(groups.joined(), scored.joined()) {
            #expect(drawn.logprobs == own)
            #expect(drawn.samplingLogprobs.count == own.count)
            largest = zip(drawn.samplingLogprobs, own).map { abs($0 - $1) }.reduce(largest, max)
        }
        #expect(largest > 1e-5 && largest < 0.3, "\(largest)")
    }

    @Test
    func `requests that want other weights than those at work wait, and get what they get alone`()
        throws
    {
        let formats: [SamplingWeights?] = [nil, .int8, .float32, .bfloat16, .int8]
        let alone = try formats.map {
            try TinyModel().session(threads: 1).sampler.sample(Self.request($0))
        }
        let engine = try TinyModel().session(threads: 1).sampler.engine
        let jobs = try formats.map { try engine.submit(Self.request($0)) }
        while !engine.isIdle { engine.step() }
        for (job, expected) in zip(jobs, alone) {
            #expect(job.isFinished)
            for (drawn, own) in zip(job.completions.joined(), expected.joined()) {
                #expect(drawn.tokens == own.tokens)
                #expect(drawn.samplingLogprobs == own.samplingLogprobs)
            }
        }
    }
}

/// Three prompts, three completions each.
private enum SamplerRequests {
    static func request(_ parameters: SamplingParameters) -> SampleRequest {
        let prompts: [[Int32]] = [[5, 17, 80, 3], [33, 1, 33, 60, 8, 9, 10], [42]]
        return SampleRequest(
            prompts: prompts,
            streams: Array(prompts.indices),
            groupSize: 3,
            parameters: parameters,
            seed: 11
        )
    }
}
