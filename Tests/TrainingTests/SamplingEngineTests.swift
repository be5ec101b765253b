import Domain
import Kernels
import Models
import Testing

@testable import Training

/// Everything that was drawn, bit for bit.
struct Drawn: Equatable {
    let tokens: [Int32]
    let bits: [UInt32]
    let text: String
    let stopReason: StopReason

    init(_ sequence: SampledSequence) {
        tokens = sequence.tokens
        bits = (sequence.logprobs + sequence.samplingLogprobs).map { $0.bitPattern }
        text = sequence.text
        stopReason = sequence.stopReason
    }
}

extension SamplingJob {
    var drawn: [[Drawn]] { completions.map { $0.map { Drawn($0) } } }
}

@Suite struct `Sampling engine` {
    private let session: PolicySession
    private let model: TinyModel

    init() throws {
        model = try TinyModel()
        session = try model.session(threads: 2)
    }

    private func engine(_ change: (inout SamplingLimits) -> Void = { _ in }) -> SamplingEngine {
        let made = session.sampler.engine
        var limits = SamplingLimits()
        change(&limits)
        return SamplingEngine(model: made.model, head: made.head, text: made.text, limits: limits)
    }

    private func prompt(_ seed: Int, _ length: Int) -> [Int32] {
        (0..<length).map { Int32(($0 * $0 * 7 + seed * 31 + $0 * seed) % 94 + 3) }
    }

    private func request(
        _ prompts: [[Int32]],
        group: Int = 1,
        seed: UInt64 = 11,
        _ parameters: SamplingParameters = SamplingParameters(maxTokens: 20)
    ) -> SampleRequest {
        SampleRequest(
            prompts: prompts,
            streams: Array(prompts.indices),
            groupSize: group,
            parameters: parameters,
            seed: seed
        )
    }

    /// What a request draws on an engine of its own.
    private func alone(_ request: SampleRequest) throws -> [[Drawn]] {
        let engine = engine { $0.prefixCacheBytes = 0 }
        return try finish([engine.submit(request)], on: engine)[0]
    }

    private func finish(_ jobs: [SamplingJob], on engine: SamplingEngine) -> [[[Drawn]]] {
        while !engine.isIdle { engine.step() }
        return jobs.map { $0.drawn }
    }

    @Test(arguments: [0, 15, 31])
    func `a sequence is the same alone and in a batch of 32`(place: Int) throws {
        let requests = (0..<32).map { index in
            request(
                [prompt(index, 3 + index % 9)],
                seed: UInt64(index),
                SamplingParameters(temperature: 0.5 + Double(index) / 20, maxTokens: 5 + index)
            )
        }
        let engine = engine()
        let jobs = try requests.map { try engine.submit($0) }
        let together = finish(jobs, on: engine)
        #expect(together[place] == (try alone(requests[place])))
        // One step takes all prompts in; the longest completion has 36 tokens.
        #expect(engine.statistics.steps <= 36)
    }

    @Test func `a request that joins in mid-flight changes nothing, nor is it changed`() throws {
        let (first, second) = (
            request([prompt(1, 9), prompt(2, 4)], group: 3), request([prompt(3, 30)], seed: 5)
        )
        let engine = engine()
        let one = try engine.submit(first)
        for _ in 0..<5 { engine.step() }
        let other = try engine.submit(second)
        engine.step()
        #expect(other.drawnTokens == 1 && !one.isFinished)
        let drawn = finish([one, other], on: engine)
        #expect(drawn == [try alone(first), try alone(second)])
    }

    @Test(arguments: [1, 7, 16, 39])
    func `a prompt computed in parts is the same as in one`(part: Int) throws {
        let whole = request([prompt(4, 40), prompt(5, 21)], group: 2)
        let engine = engine { $0.prefillTokens = part }
        let job = try engine.submit(whole)
        #expect(finish([job], on: engine)[0] == (try alone(whole)))
        #expect(engine.statistics.steps >= 60 / part)
    }

    @Test(arguments: [1, 8, 25, 39])
    func `a prompt from the cache is the same as a cold one`(shared: Int) throws {
        let engine = engine()
        let earlier = prompt(6, shared) + [96, 96, 95]
        _ = finish([try engine.submit(request([earlier]))], on: engine)
        let later = request([prompt(6, 40)], group: 3)
        for known in [shared, 39] {
            let job = try engine.submit(later)
            #expect(finish([job], on: engine)[0] == (try alone(later)))
            // The last token is always computed, for its logits.
            #expect(job.cachedPromptTokens == [known])
        }
        #expect(engine.statistics.prefixHits == 2)
        #expect(engine.statistics.prefixCacheBytes == 256 * (shared + 3 + 40 - shared))
    }

    @Test func `prompts that begin alike are computed one after the other, once`() throws {
        let (engine, start) = (engine(), prompt(7, 30))
        let all = request((0..<6).map { start + prompt($0 + 40, 5) })
        let job = try engine.submit(all)
        #expect(finish([job], on: engine)[0] == (try alone(all)))
        #expect(job.cachedPromptTokens == [0, 30, 30, 30, 30, 30])
    }

    @Test func `under a tiny bound prompts are evicted, and nothing else changes`() throws {
        let engine = engine { $0.prefixCacheBytes = 20 * 256 }
        for round in 0..<3 {
            for seed in 0..<5 {
                let one = request([prompt(seed, 8 + seed)])
                let job = try engine.submit(one)
                #expect(finish([job], on: engine)[0] == (try alone(one)), "\(round) \(seed)")
                #expect(engine.statistics.prefixCacheBytes <= 20 * 256)
            }
        }
        #expect(engine.statistics.prefixCacheEvictedBytes > 20 * 256)
        let kept = try engine.submit(request([prompt(4, 12)]))
        _ = finish([kept], on: engine)
        #expect(kept.cachedPromptTokens == [11])
    }

    @Test func `rows are used again`() throws {
        let engine = engine { $0.prefixCacheBytes = 40 * 256 }
        var size = 0
        for round in 0..<20 {
            let jobs = try (0..<3).map {
                try engine.submit(request([prompt(round * 3 + $0, 10)], group: 4))
            }
            _ = finish(jobs, on: engine)
            if round == 9 { size = engine.cache?.rowCount ?? 0 }
        }
        #expect(size > 0 && engine.cache?.rowCount == size)
    }

    @Test func `sequences wait for rows and places, and draw the same`() throws {
        // 12 rows a member: three at work beside their prompts, and no more than two at a time.
        let engine = engine {
            $0.cacheBytes = 64 * 256
            $0.prefixCacheBytes = 10 * 256
            $0.sequences = 2
        }
        let all = request(
            [prompt(1, 20), prompt(2, 9), prompt(3, 30)],
            group: 5,
            SamplingParameters(maxTokens: 13)
        )
        let job = try engine.submit(all)
        while !job.isFinished {
            engine.step()
            #expect(engine.active.count <= 2)
        }
        #expect(job.drawn == (try alone(all)))
        #expect((engine.cache?.rowCount ?? .max) <= 74)
    }

    @Test func `one sequence alone gets the rows it needs`() throws {
        let engine = engine {
            $0.cacheBytes = 256
            $0.prefixCacheBytes = 0
        }
        let long = request([prompt(1, 60)], group: 2, SamplingParameters(maxTokens: 60))
        let job = try engine.submit(long)
        #expect(finish([job], on: engine)[0] == (try alone(long)))
        // The prompt and one completion, of which the last token is never fed back.
        #expect(engine.cache?.rowCount == 60 + 59)
    }

    @Test func `a large request does not shut out a small one`() throws {
        let engine = engine { $0.sequences = 8 }
        let large = try engine.submit(request((0..<50).map { prompt($0, 6) }, group: 2))
        for _ in 0..<3 { engine.step() }
        let small = request([prompt(60, 12)], seed: 3)
        let job = try engine.submit(small)
        while !job.isFinished { engine.step() }
        #expect(!large.isFinished && large.drawnTokens < 50 * 2 * 10)
        #expect(job.drawn == (try alone(small)))
    }

    @Test func `a request that is cancelled leaves at once, the others go on`() throws {
        let engine = engine { $0.prefillTokens = 16 }
        let kept = request([prompt(1, 40), prompt(2, 5)], group: 2)
        let jobs = try [
            engine.submit(kept), engine.submit(request([prompt(1, 40), prompt(3, 30)], group: 9)),
        ]
        for _ in 0..<5 { engine.step() }
        engine.cancel(jobs[1])
        #expect(jobs[1].isCancelled && !jobs[1].isFinished)
        #expect(finish([jobs[0]], on: engine)[0] == (try alone(kept)))
        let rest = engine.statistics.prefixCacheBytes / 256
        engine.forgetPrefixes()
        #expect(rest >= 45 && engine.statistics.prefixCacheBytes == 0 && engine.usedRows == 0)
    }

    @Test func `a prompt that is refused leaves the others alone`() throws {
        let engine = engine()
        let good = request([prompt(1, 8)])
        let job = try engine.submit(good)
        for bad in [[[]], [prompt(1, 128)]] as [[[Int32]]] {
            #expect(throws: HoneError.self) { try engine.submit(request(bad)) }
        }
        var missing = good
        missing.streams = []
        #expect(throws: HoneError.self) { try engine.submit(missing) }
        #expect(throws: HoneError.self) { try engine.submit(request([[4]], group: 0)) }
        #expect(finish([job], on: engine)[0] == (try alone(good)))
        #expect(try engine.submit(request([])).isFinished && engine.isIdle)
    }

    @Test(arguments: [TrainableSpec.all, .lora(rank: 3, alpha: 6)])
    func `keys of other weights are never used`(trainable: TrainableSpec) throws {
        let session = try model.session(training: TinyModel.plan(trainable), threads: 2)
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let all = request([prompt(1, 20)], group: 2)
        let engine = session.sampler.engine
        let before = try session.sampler.sample(all)
        #expect(engine.statistics.prefixCacheBytes == 20 * 256)
        _ = try session.learner?.update(batch, objective: objective("dpo"), learningRate: 0.05)
        let after = try session.sampler.sample(all)
        #expect(engine.statistics.cachedPromptTokens == 0)
        let cold = SamplingEngine(model: engine.model, head: engine.head, text: engine.text)
        let expected = finish([try cold.submit(all)], on: cold)
        #expect(after.map { $0.map { Drawn($0) } } == expected[0])
        #expect(after[0][0].logprobs != before[0][0].logprobs)
    }

    @Test func `rows of prompts at work outlive a change of the weights`() throws {
        let session = try model.session(training: TinyModel.plan(.all))
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let engine = session.sampler.engine
        let job = try engine.submit(request([prompt(1, 20), prompt(1, 25)], group: 2))
        for _ in 0..<3 { engine.step() }
        _ = try session.learner?.update(batch, objective: objective("dpo"), learningRate: 0.05)
        _ = finish([job], on: engine)
        #expect(job.isFinished && engine.usedRows == 0)
    }

    /// Requests come and go as a seeded generator says; every one draws what it draws alone.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `whatever the schedule, every sequence is its own`(seed: UInt64) throws {
        var random = PhiloxSequence(seed: seed)
        let engine = engine {
            $0.sequences = .random(in: 1...20, using: &random)
            $0.prefillTokens = .random(in: 1...40, using: &random)
            $0.cacheBytes = .random(in: 1...400, using: &random) * 256
            $0.prefixCacheBytes = .random(in: 0...120, using: &random) * 256
        }
        var jobs: [SamplingJob] = []
        for _ in 0..<150 {
            if jobs.count < 14, Int.random(in: 0..<4, using: &random) == 0 {
                jobs.append(try engine.submit(randomRequest(&random)))
            }
            if let job = jobs.randomElement(using: &random),
                Int.random(in: 0..<40, using: &random) == 0
            {
                engine.cancel(job)
            }
            if Int.random(in: 0..<60, using: &random) == 0 { engine.forgetPrefixes() }
            engine.step()
        }
        while !engine.isIdle { engine.step() }
        for job in jobs where !job.isCancelled {
            #expect(job.isFinished)
            #expect(job.drawn == (try alone(job.request)))
        }
        engine.forgetPrefixes()
        #expect(engine.usedRows == 0)
    }

    private func randomRequest(_ random: inout PhiloxSequence) -> SampleRequest {
        var parameters = SamplingParameters(maxTokens: .random(in: 1...30, using: &random))
        parameters.temperature = Double.random(in: 0...1.5, using: &random)
        parameters.topK = Bool.random(using: &random) ? 0 : 20
        parameters.stop = Bool.random(using: &random) ? [] : ["a", "Q"]
        let prompts = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let length = Int.random(in: 1...30, using: &random)
            let start = Array(prompt(.random(in: 0...2, using: &random), 25).prefix(length))
            return start + [Int32.random(in: 3...96, using: &random)]
        }
        return request(
            prompts,
            group: .random(in: 1...4, using: &random),
            seed: UInt64.random(in: 0...99, using: &random),
            parameters
        )
    }
}
