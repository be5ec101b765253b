import Domain
import Foundation
import Kernels
import Models
import Testing
import Training

@Suite struct `Sampler` {
    static let prompts: [[Int32]] = [[5, 17, 80, 3], [33, 1, 33, 60, 8, 9, 10], [42]]

    static func request(
        _ prompts: [[Int32]] = prompts,
        streams: [Int]? = nil,
        group: Int = 3,
        _ parameters: SamplingParameters = SamplingParameters(maxTokens: 20),
        seed: UInt64 = 11
    ) -> SampleRequest {
        SampleRequest(
            prompts: prompts,
            streams: streams ?? Array(prompts.indices),
            groupSize: group,
            parameters: parameters,
            seed: seed
        )
    }

    private func sameBits(_ left: [[SampledSequence]], _ right: [[SampledSequence]]) -> Bool {
        zip(left.joined(), right.joined()).allSatisfy { a, b in
            a.tokens == b.tokens && a.text == b.text && a.logprobs == b.logprobs
                && a.samplingLogprobs == b.samplingLogprobs && a.stopReason == b.stopReason
        } && left.map { $0.count } == right.map { $0.count }
    }

    /// Decoding one token at a time over a cache against one packed pass: the products differ in
    /// order only, but a log-probability of −10 sums over 97 logits of rounding 1e-6.
    @Test(arguments: TinyModel.names)
    func `log-probabilities drawn are those that scoring gives`(name: String) throws {
        let session = try TinyModel(name).session(threads: 2)
        let groups = try session.sampler.sample(Self.request())
        let scored = try session.scorer.logprobs(
            zip(Self.prompts, groups).map { prompt, group in
                SequenceGroup(prompt: prompt, completions: group.map { $0.tokens })
            }
        )
        for (drawn, again) in zip(groups.joined(), scored.joined()) {
            #expect(drawn.tokens.count == again.count && !again.isEmpty)
            let largest = zip(drawn.logprobs, again).map { abs($0 - $1) }.max() ?? .infinity
            #expect(largest < 1e-4)
            // At temperature 1 without truncation both distributions are one.
            let gap = zip(drawn.logprobs, drawn.samplingLogprobs).map { abs($0 - $1) }.max() ?? 1
            #expect(gap < 1e-5)
        }
    }

    /// Ten prompts of 90 to 99 tokens: two prefill passes when drawing, two packed passes when scoring,
    /// more log-probabilities than the head has rows at a time.
    @Test func `many long prompts are drawn and scored pass by pass`() throws {
        let session = try TinyModel().session(threads: 2)
        let prompts = (0..<10).map { row in
            (0..<90 + row).map { Int32(($0 * 7 + row * 13) % 94 + 3) }
        }
        let groups = try session.sampler.sample(Self.request(prompts, group: 4))
        let sequences = zip(prompts, groups).map { prompt, group in
            SequenceGroup(prompt: prompt, completions: group.map { $0.tokens })
        }
        let together = try session.scorer.logprobs(sequences)
        for (index, sequence) in sequences.enumerated() {
            let alone = try session.scorer.logprobs([sequence])[0]
            for (member, drawn) in groups[index].enumerated() {
                let scores = together[index][member]
                #expect((zip(drawn.logprobs, scores).map { abs($0 - $1) }.max() ?? 1) < 1e-4)
                #expect((zip(alone[member], scores).map { abs($0 - $1) }.max() ?? 1) < 1e-4)
            }
        }
    }

    @Test func `a group at two temperatures is the halves of two groups at one each`() throws {
        let session = try TinyModel().session(threads: 2)
        func drawn(_ temperature: Double, _ all: [Double]? = nil) throws -> [[SampledSequence]] {
            var parameters = SamplingParameters(temperature: temperature, maxTokens: 12)
            parameters.temperatures = all
            return try session.sampler.sample(Self.request(group: 4, parameters))
        }
        let (hot, cold) = (try drawn(1), try drawn(0.3))
        let mixed = try drawn(1, [1, 0.3])
        let halves = zip(hot, cold).map { Array($0[..<2] + $1[2...]) }
        #expect(sameBits(mixed, halves))
        #expect(!sameBits(mixed, hot) && !sameBits(mixed, cold))
        #expect(sameBits(try drawn(1, [1]), hot))
        let greedy = try drawn(1, [0, 1])
        #expect(greedy.allSatisfy { $0[0].tokens == $0[1].tokens })
        #expect(sameBits(greedy.map { Array($0[2...]) }, hot.map { Array($0[2...]) }))
    }

    @Test func `adapters that are trained take part in drawing and in scoring`() throws {
        let (model, golden) = (try TinyModel(), try GoldenUpdate.read("tiny-llama-tied"))
        let session = try model.session(training: TinyModel.plan(.lora(rank: 3, alpha: 6)))
        let before = try session.scorer.logprobs(golden.batch.groups)
        _ = try session.learner?.update(
            golden.batch,
            objective: objective("dpo"),
            learningRate: 0.05
        )
        let after = try session.scorer.logprobs(golden.batch.groups)
        #expect(zip(before[0][0], after[0][0]).contains { abs($0 - $1) > 0.01 })
        let drawn = try session.sampler.sample(Self.request())
        let scored = try session.scorer.logprobs(
            [SequenceGroup(prompt: Self.prompts[0], completions: drawn[0].map { $0.tokens })]
        )
        for (one, other) in zip(drawn[0], scored[0]) {
            #expect((zip(one.logprobs, other).map { abs($0 - $1) }.max() ?? 1) < 1e-4)
        }
    }

    @Test func `the same request gives the same bytes, another seed others`() throws {
        let sampler = try TinyModel().session(threads: 2).sampler
        let first = try sampler.sample(Self.request())
        // Another request between leaves its keys in the cache.
        let other = try sampler.sample(Self.request(seed: 12))
        #expect(sameBits(first, try sampler.sample(Self.request())))
        #expect(!sameBits(first, other))
        let fresh = try TinyModel().session(threads: 2).sampler
        #expect(sameBits(first, try fresh.sample(Self.request())))
    }

    @Test func `a prompt's completions do not depend on its batch-mates`() throws {
        let sampler = try TinyModel().session().sampler
        let together = try sampler.sample(Self.request())
        for (index, prompt) in Self.prompts.enumerated() {
            let alone = try sampler.sample(Self.request([prompt], streams: [index]))
            #expect(sameBits([together[index]], alone))
        }
    }

    @Test func `samples of one prompt differ, and streams with equal prompts do`() throws {
        let sampler = try TinyModel().session().sampler
        let groups = try sampler.sample(Self.request([[5, 6], [5, 6]], group: 4))
        let texts = groups.joined().map { $0.tokens }
        #expect(Set(texts).count == texts.count)
        let again = try sampler.sample(
            Self.request([[5, 6], [5, 6]], streams: [3, 3], group: 4)
        )
        #expect(again[0].map { $0.tokens } == again[1].map { $0.tokens })
    }

    @Test func `more sequences than one batch takes wait their turn`() throws {
        let sampler = try TinyModel().session().sampler
        let parameters = SamplingParameters(maxTokens: 3)
        let groups = try sampler.sample(Self.request(group: 60, parameters))
        #expect(groups.map { $0.count } == [60, 60, 60])
        let last = try sampler.sample(
            Self.request([Self.prompts[2]], streams: [2], group: 60, parameters)
        )
        #expect(groups[2].map { $0.tokens[0] } == last[0].map { $0.tokens[0] })
    }

    @Test func `a completion ends at the most tokens asked for`() throws {
        let sampler = try TinyModel().session().sampler
        let groups = try sampler.sample(Self.request(group: 8, SamplingParameters(maxTokens: 5)))
        for sequence in groups.joined() {
            let ended = sequence.stopReason == .endToken
            #expect(ended || (sequence.stopReason == .length && sequence.tokens.count == 5))
            #expect(sequence.tokens.count <= 5)
            #expect(sequence.logprobs.count == sequence.tokens.count)
            #expect(sequence.samplingLogprobs.count == sequence.tokens.count)
        }
    }

    @Test func `a completion ends with the end token, which its text leaves out`() throws {
        let session = try TinyModel().session()
        let groups = try session.sampler.sample(
            Self.request(group: 40, SamplingParameters(maxTokens: 60))
        )
        let ended = groups.joined().filter { $0.stopReason == .endToken }
        #expect(!ended.isEmpty)
        for sequence in groups.joined() {
            let place = sequence.tokens.firstIndex(of: 2)
            #expect((sequence.stopReason == .endToken) == (place != nil))
            if let place { #expect(place == sequence.tokens.count - 1) }
            let plain = sequence.tokens.filter { $0 > 2 }
            #expect(sequence.text == session.folder.text.decode(plain))
        }
    }

    @Test func `a completion ends before a stop string, however tokens cut it`() throws {
        let sampler = try TinyModel().session().sampler
        let free = try sampler.sample(Self.request([[9, 8, 7]], group: 1))[0][0]
        let characters = Array(free.text)
        try #require(characters.count >= 8)
        let stop = String(characters[4...6])
        var parameters = SamplingParameters(maxTokens: 20)
        parameters.stop = ["no such text in it", stop]
        let stopped = try sampler.sample(Self.request([[9, 8, 7]], group: 1, parameters))[0][0]
        #expect(stopped.stopReason == .stopString)
        let expected = try #require(free.text.range(of: stop))
        #expect(stopped.text == String(free.text[..<expected.lowerBound]))
        #expect(free.tokens.starts(with: stopped.tokens))
        #expect(stopped.tokens.count < free.tokens.count)
    }

    @Test func `greedy drawing takes the likeliest token whatever the seed`() throws {
        let session = try TinyModel().session()
        let parameters = SamplingParameters(temperature: 0, maxTokens: 6)
        let one = try session.sampler.sample(Self.request(group: 2, parameters, seed: 1))
        let other = try session.sampler.sample(Self.request(group: 2, parameters, seed: 2))
        #expect(sameBits(one, other))
        let first = one[0][0]
        #expect(one[0][1].tokens == first.tokens)
        #expect(first.samplingLogprobs.allSatisfy { $0 == 0 })
        // No other first token scores higher.
        let all = try session.scorer.logprobs(
            [SequenceGroup(prompt: Self.prompts[0], completions: (0..<97).map { [Int32($0)] })]
        )
        let best = all[0].indices.max { all[0][$0][0] < all[0][$1][0] }
        #expect(best.map { Int32($0) } == first.tokens[0])
    }

    @Test func `the context bounds prompt and completion`() throws {
        let sampler = try TinyModel().session().sampler
        let long = (0..<127).map { Int32($0 % 90 + 3) }
        let last = try sampler.sample(Self.request([long], group: 2))[0]
        #expect(last.allSatisfy { $0.tokens.count == 1 })
        let error = #expect(throws: HoneError.self) {
            try sampler.sample(Self.request([[5], long + [4]]))
        }
        #expect(error?.code == .promptTooLong)
        #expect(error?.param == "prompts[1]")
        let empty = #expect(throws: HoneError.self) { try sampler.sample(Self.request([[]])) }
        #expect(empty?.code == .invalidRequest)
    }

    @Test(arguments: [true, false])
    func `reference log-probabilities are the start model's`(isMapped: Bool) throws {
        let model = try TinyModel(isMapped: isMapped)
        let session = try model.session(training: TinyModel.plan(.all))
        #expect(session.folder.isMapped == isMapped)
        let golden = try GoldenUpdate.read("tiny-llama-tied")
        let dpo = try objective("dpo")
        _ = try session.learner?.update(golden.batch, objective: dpo, learningRate: 0.01)
        let groups = try session.sample(Self.request(), includesReference: true)
        let start = try TinyModel().session().scorer.logprobs(
            zip(Self.prompts, groups).map { prompt, group in
                SequenceGroup(prompt: prompt, completions: group.map { $0.tokens })
            }
        )
        for (drawn, expected) in zip(groups.joined(), start.joined()) {
            #expect(drawn.referenceLogprobs == expected)
            #expect(drawn.logprobs != expected)
        }
    }
}
