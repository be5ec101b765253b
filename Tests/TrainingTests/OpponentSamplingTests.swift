import Domain
import Foundation
import Kernels
import Models
import Testing

@testable import Training

/// Drawing from the geometric mixture of two models that decode side by side.
@Suite struct `Opponent sampling` {
    private let model: TinyModel
    private let other: TinyModel
    private let session: PolicySession

    init() throws {
        model = try TinyModel()
        other = try TinyModel("tiny-llama-untied")
        session = try Self.session(model, other, threads: 2)
    }

    private static func session(
        _ model: TinyModel,
        _ other: TinyModel,
        threads: Int
    ) throws -> PolicySession {
        try PolicySession(
            modelFolder: model.path,
            checkpointFolder: nil,
            training: nil,
            referenceFolder: other.path,
            policyVersion: 0,
            backend: CPUBackend(threadCount: threads)
        )
    }

    private func prompt(_ seed: Int, _ length: Int) -> [Int32] {
        (0..<length).map { Int32(($0 * $0 * 7 + seed * 31 + $0 * seed) % 94 + 3) }
    }

    private func request(
        _ prompts: [[Int32]],
        mixture: Double,
        group: Int = 1,
        seed: UInt64 = 11,
        _ parameters: SamplingParameters = SamplingParameters(maxTokens: 12)
    ) -> SampleRequest {
        var request = SampleRequest(
            prompts: prompts,
            streams: Array(prompts.indices),
            groupSize: group,
            parameters: parameters,
            seed: seed
        )
        request.mixture = mixture
        return request
    }

    private func drawn(_ request: SampleRequest, on session: PolicySession) throws -> [[Drawn]] {
        try session.sample(request, includesReference: false).map { $0.map { Drawn($0) } }
    }

    /// log p of every token after each position of `tokens`, in double.
    private func distributions(_ path: String, _ tokens: [Int32]) throws -> [[Double]] {
        let folder = try ModelFolder(path)
        let backend = CPUBackend(threadCount: 1)
        let model = try Transformer(folder.configuration, backend: backend, weights: folder.weights)
        let head = try LanguageHead(model)
        var batch = PackedBatch()
        batch.append(prompt: tokens, completions: [])
        let room = Activations(
            folder.configuration,
            capacity: tokens.count,
            plan: .inference,
            adapterRank: 0
        )
        let residual = model.forward(batch, room)
        let scratch = Tensor(rows: tokens.count, columns: folder.configuration.hiddenSize)
        let logits = head.logits(
            residual,
            rows: tokens.indices.map { Int32($0) },
            scratch: scratch
        )
        let width = folder.configuration.vocabularySize
        let flat = logits.hostCopy().map { Double($0) }
        return tokens.indices.map { normalised(Array(flat[$0 * width..<($0 + 1) * width])) }
    }

    private func normalised(_ logits: [Double]) -> [Double] {
        let maximum = logits.max() ?? 0
        let sum = logits.reduce(0) { $0 + exp($1 - maximum) }
        return logits.map { $0 - maximum - log(sum) }
    }

    /// Rounding of float32 logits of size 10, summed over 97 of them.
    private static let tolerance = 2e-4

    @Test(arguments: [0.125, 0.5, 0.9])
    func `tokens come from the mixture of both log-softmaxes, as in double`(
        mixture: Double
    ) throws {
        let parameters = SamplingParameters(temperature: 0.7, maxTokens: 12)
        let start = prompt(3, 7)
        let request = request([start], mixture: mixture, group: 4, seed: 29, parameters)
        let groups = try session.sample(request, includesReference: true)
        let philox = Philox(seed: 29)
        for (sample, sequence) in groups[0].enumerated() {
            let all = start + sequence.tokens
            let policy = try distributions(model.path, all)
            let reference = try distributions(other.path, all)
            for (place, token) in sequence.tokens.enumerated() {
                let row = start.count - 1 + place
                let mixed = normalised(
                    zip(policy[row], reference[row]).map { own, others in
                        ((1 - mixture) * own + mixture * others) / 0.7
                    }
                )
                let chosen = Int(token)
                #expect(
                    abs(Double(sequence.samplingLogprobs[place]) - mixed[chosen]) < Self.tolerance
                )
                #expect(
                    abs(Double(sequence.logprobs[place]) - policy[row][chosen]) < Self.tolerance
                )
                #expect(
                    abs(Double(sequence.referenceLogprobs[place]) - reference[row][chosen])
                        < Self.tolerance
                )
                // The token whose share of the running sum the uniform number falls into.
                let uniform = philox.uniform(0, 0, sample, place)
                let before = mixed[..<chosen].reduce(0) { $0 + exp($1) }
                #expect(uniform > before - 1e-4)
                #expect(uniform < before + exp(mixed[chosen]) + 1e-4)
            }
        }
    }

    @Test func `truncation is that of the mixture`() throws {
        let parameters = SamplingParameters(topK: 3, maxTokens: 10)
        let start = prompt(5, 6)
        let request = request([start], mixture: 0.5, group: 6, parameters)
        for sequence in try session.sample(request, includesReference: false)[0] {
            let all = start + sequence.tokens
            let policy = try distributions(model.path, all)
            let reference = try distributions(other.path, all)
            for (place, token) in sequence.tokens.enumerated() {
                let row = start.count - 1 + place
                let mixed = zip(policy[row], reference[row]).map { 0.5 * $0 + 0.5 * $1 }
                let better = mixed.count { $0 > mixed[Int(token)] + 1e-3 }
                #expect(better < 3)
            }
        }
    }

    @Test(arguments: [0, 17, 31])
    func `a sequence is the same alone and in a batch of 32, whatever the threads`(
        place: Int
    ) throws {
        let mixtures = [0.2, 0.5, 0.8]
        let requests = (0..<32).map { index in
            request(
                [prompt(index, 3 + index % 9)],
                mixture: mixtures[index % 3],
                seed: UInt64(index),
                SamplingParameters(temperature: 0.5 + Double(index) / 20, maxTokens: 5 + index)
            )
        }
        let engine = try session.engine(for: requests[0])
        let jobs = try requests.map { try engine.submit($0) }
        while !engine.isIdle { engine.step() }
        #expect(jobs[place].drawn == (try drawn(requests[place], on: session)))
        let single = try Self.session(model, other, threads: 1)
        #expect(jobs[place].drawn == (try drawn(requests[place], on: single)))
    }

    @Test func `prompts from the cache and in parts are the same for both models`() throws {
        let whole = request([prompt(6, 40), prompt(6, 40) + [9, 9]], mixture: 0.4, group: 3)
        let expected = try drawn(whole, on: session)
        let made = try session.engine(for: whole)
        var limits = SamplingLimits()
        limits.prefillTokens = 7
        let engine = SamplingEngine(
            model: made.model,
            head: made.head,
            text: made.text,
            limits: limits,
            partner: made.partner
        )
        for round in 0..<2 {
            let job = try engine.submit(whole)
            while !engine.isIdle { engine.step() }
            #expect(job.drawn == expected, "\(round)")
        }
        #expect(engine.statistics.prefixHits > 0)
    }

    @Test func `a share of 0 is the policy, bit for bit`() throws {
        let plain = request([prompt(1, 9), prompt(2, 4)], mixture: 0, group: 3)
        let policy = try drawn(plain, on: session)
        let mixed = try session.engine(for: request([prompt(1, 9)], mixture: 0.5))
        let job = try mixed.submit(plain)
        while !mixed.isIdle { mixed.step() }
        #expect(job.drawn.joined().map(\.tokens) == policy.joined().map(\.tokens))
        #expect(mixed !== session.sampler.engine)
        #expect(try session.engine(for: plain) === session.sampler.engine)
    }

    @Test func `a share of 1 is the reference, with the policy's own log-probabilities`() throws {
        let request = request([prompt(1, 9), prompt(2, 4)], mixture: 1, group: 3)
        let groups = try session.sample(request, includesReference: true)
        let reference = try PolicySession(
            modelFolder: other.path,
            checkpointFolder: nil,
            training: nil,
            referenceFolder: nil,
            policyVersion: 0,
            backend: CPUBackend(threadCount: 2)
        )
        var plain = request
        plain.mixture = 0
        let expected = try reference.sample(plain, includesReference: false)
        let sequences = zip(request.prompts, groups).map { prompt, group in
            SequenceGroup(prompt: prompt, completions: group.map(\.tokens))
        }
        let scored = try session.scorer.logprobs(sequences)
        for (index, group) in groups.enumerated() {
            #expect(group.map(\.tokens) == expected[index].map(\.tokens))
            #expect(group.map(\.samplingLogprobs) == expected[index].map(\.samplingLogprobs))
            #expect(group.map(\.logprobs) == scored[index])
            for sequence in group {
                let distance = zip(sequence.referenceLogprobs, sequence.samplingLogprobs)
                    .map { abs($0 - $1) }.max()
                #expect((distance ?? 1) < 1e-4)
            }
        }
    }

    @Test func `with adapters the reference is the base`() throws {
        let training = TinyModel.plan(.lora(rank: 2, alpha: 4))
        let adapted = try model.session(training: training, threads: 2)
        let request = request([prompt(1, 9)], mixture: 0.5, group: 3)
        var plain = request
        plain.mixture = 0
        // Fresh adapters change nothing, so that every mixture is the base.
        let mixed = try adapted.sample(request, includesReference: false)
        let base = try adapted.sample(plain, includesReference: false)
        #expect(mixed[0].map(\.tokens) == base[0].map(\.tokens))
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        for _ in 0..<3 {
            _ = try adapted.learner?.update(batch, objective: objective("dpo"), learningRate: 0.05)
        }
        let moved = try adapted.sample(request, includesReference: true)[0]
        for sequence in moved {
            let away = zip(sequence.samplingLogprobs, sequence.logprobs).map { abs($0 - $1) }.max()
            #expect((away ?? 0) > 1e-3)
        }
    }

    @Test(arguments: [-0.1, 1.5, .nan])
    func `a share outside 0 to 1 is refused`(mixture: Double) throws {
        let refused = request([prompt(1, 3)], mixture: mixture)
        #expect(throws: HoneError.self) {
            try session.sample(refused, includesReference: false)
        }
    }
}
