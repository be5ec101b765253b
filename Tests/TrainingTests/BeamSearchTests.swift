import Domain
import Foundation
import Kernels
import Models
import Testing

@testable import Training

@Suite struct `Beam search` {
    private let session: PolicySession
    private let search: BeamSearch
    private let prompt: [Int32] = [5, 17, 80, 3]

    init() throws {
        session = try TinyModel().session(threads: 2)
        let engine = session.sampler.engine
        search = BeamSearch(model: engine.model, head: engine.head, text: engine.text)
    }

    /// Σ log π of a completion, by the scorer.
    private func sums(_ completions: [[Int32]]) throws -> [Double] {
        try session.scorer.logprobs([SequenceGroup(prompt: prompt, completions: completions)])[0]
            .map { $0.reduce(0) { $0 + Double($1) } }
    }

    /// Every completion of at most two tokens that ends, or is as long as it may be.
    private func all() throws -> [(tokens: [Int32], sum: Double)] {
        let ends = session.folder.text.endTokens
        let size = Int32(session.folder.configuration.vocabularySize)
        var list: [[Int32]] = []
        for first in 0..<size {
            if ends.contains(first) {
                list.append([first])
            } else {
                for second in 0..<size { list.append([first, second]) }
            }
        }
        var found: [(tokens: [Int32], sum: Double)] = []
        for start in stride(from: 0, to: list.count, by: 256) {
            let part = Array(list[start..<min(list.count, start + 256)])
            found += zip(part, try sums(part)).map { (tokens: $0, sum: $1) }
        }
        return found
    }

    @Test(arguments: [0.0, 1.0])
    func `as wide as the vocabulary it finds what an exhaustive search finds`(
        penalty: Double
    ) throws {
        let scored = try all().map { found in
            (found.tokens, found.sum / pow(Double(found.tokens.count), penalty))
        }
        let best = scored.sorted { $0.1 > $1.1 }.prefix(5)
        let width = session.folder.configuration.vocabularySize
        let found = try search.search(
            BeamRequest(
                prompt: prompt,
                width: width,
                count: 5,
                lengthPenalty: penalty,
                maxTokens: 2
            )
        )
        #expect(found.map(\.tokens) == best.map(\.0))
        for (sequence, expected) in zip(found, best) {
            let sum = sequence.logprobs.reduce(0) { $0 + Double($1) }
            let score = sum / pow(Double(sequence.tokens.count), penalty)
            #expect(abs(score - expected.1) < 1e-4)
        }
    }

    @Test func `a beam of one is greedy`() throws {
        let greedy = try session.sampler.sample(
            Sampler.request(
                [prompt],
                group: 1,
                SamplingParameters(temperature: 0, maxTokens: 12)
            )
        )[0][0]
        let found = try search.search(BeamRequest(prompt: prompt, width: 1, maxTokens: 12))
        #expect(found.count == 1 && found[0].tokens == greedy.tokens)
        #expect(found[0].text == greedy.text && found[0].stopReason == greedy.stopReason)
    }

    @Test func `a wider beam finds no worse, in order, and the scorer agrees`() throws {
        var best = -Double.infinity
        for width in [1, 2, 5, 16] {
            let found = try search.search(
                BeamRequest(prompt: prompt, width: width, count: width, maxTokens: 10)
            )
            let own = found.map { $0.logprobs.reduce(0) { $0 + Double($1) } }
            #expect(own == own.sorted(by: >))
            for (one, other) in zip(own, try sums(found.map(\.tokens))) {
                #expect(abs(one - other) < 1e-3)
            }
            #expect(Set(found.map(\.tokens)).count == found.count)
            if width == 16 { #expect((own.first ?? -.infinity) >= best - 1e-6) }
            best = max(best, own.first ?? best)
        }
    }

    @Test func `it is the same every time, whatever the threads`() throws {
        let request = BeamRequest(prompt: prompt, width: 5, count: 5, maxTokens: 12)
        let first = try search.search(request).map { Drawn($0) }
        #expect(try search.search(request).map { Drawn($0) } == first)
        let model = try TinyModel()
        let engine = try model.session(threads: 1).sampler.engine
        let single = BeamSearch(model: engine.model, head: engine.head, text: engine.text)
        #expect(try single.search(request).map { Drawn($0) } == first)
    }

    @Test func `it ends at stop strings`() throws {
        let request = BeamRequest(prompt: prompt, width: 3, count: 1, maxTokens: 8)
        let plain = try search.search(request)[0]
        let stop = String(try #require(plain.text.first))
        var stopping = request
        stopping.stop = [stop]
        for sequence in try search.search(stopping) { #expect(!sequence.text.contains(stop)) }
    }

    @Test func `what cannot be searched is refused`() throws {
        for request in [
            BeamRequest(prompt: [], width: 1, maxTokens: 4),
            BeamRequest(prompt: prompt, width: 0, maxTokens: 4),
            BeamRequest(prompt: prompt, width: 2, count: 3, maxTokens: 4),
        ] {
            #expect(throws: HoneError.self) { try search.search(request) }
        }
    }
}
