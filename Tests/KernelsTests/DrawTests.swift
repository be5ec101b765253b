import Domain
import Foundation
import Kernels
import Testing

@Suite struct `Drawing tokens` {
    /// Log-probabilities are rounded to float32 after the exponential's 1e-7.
    static let tolerance = 2e-6

    static func request(
        _ temperature: Float = 1,
        topK: Int = 0,
        topP: Float = 1,
        minP: Float = 0
    ) -> DrawRequest {
        DrawRequest(temperature: temperature, topK: topK, topP: topP, minP: minP, uniform: 0)
    }

    static let requests = [
        request(), request(0.7), request(2.5), request(topK: 1), request(0.5, topK: 4),
        request(topP: 0.5), request(1.5, topP: 0.9), request(minP: 0.1), request(0.6, minP: 0.4),
        request(0.8, topK: 6, topP: 0.7), request(topK: 5, topP: 0.6, minP: 0.5),
        request(topK: 100, topP: 0.999, minP: 0.001),
    ]

    /// The same row drawn from once for each of `uniforms`.
    private func draws(_ logits: [Double], _ request: DrawRequest, _ uniforms: [Double]) -> [Draw] {
        let rows = Matrix(uniforms.count, logits.count, uniforms.flatMap { _ in logits })
        let requests = uniforms.map { uniform in
            var request = request
            request.uniform = uniform
            return request
        }
        return CPUBackend(threadCount: 2).draw(Strided(rows).view, requests: requests)
    }

    @Test(arguments: requests)
    func `evenly spread uniforms give each token its share`(request: DrawRequest) {
        let logits = Matrix.random(1, 12, seed: 1, scale: 2).elements
        let reference = DrawReference(logits, request)
        let count = 4000
        let drawn = draws(logits, request, (0..<count).map { (Double($0) + 0.5) / Double(count) })
        let counts = Dictionary(drawn.map { (Int($0.token), 1) }, uniquingKeysWith: +)
        #expect(Set(counts.keys) == Set(reference.kept.map { $0.token }))
        for (token, probability) in reference.kept {
            // An interval of the unit line holds its length times the count, give or take its ends.
            #expect(abs(Double(counts[token] ?? 0) - probability * Double(count)) <= 1.01)
        }
    }

    @Test(arguments: requests)
    func `sampling log-probabilities are those of the kept tokens`(request: DrawRequest) {
        let logits = Matrix.random(1, 12, seed: 1, scale: 2).elements
        let reference = DrawReference(logits, request)
        let plain = LogSoftmaxReference.logProbabilities(Matrix(1, 12, logits))
        var seen: [Int32: Double] = [:]
        for draw in draws(logits, request, (0..<4000).map { Double($0) / 4000 }) {
            seen[draw.token] = exp(Double(draw.samplingLogprob))
            #expect(abs(Double(draw.logprob) - plain[Int(draw.token)]) < Self.tolerance)
            guard let expected = reference.probability(draw.token) else { continue }
            #expect(abs(Double(draw.samplingLogprob) - log(expected)) < Self.tolerance)
        }
        #expect(seen.count == reference.kept.count)
        #expect(abs(seen.values.reduce(0, +) - 1) < Self.tolerance)
    }

    /// Pearson's statistic of 20 000 draws over 50 tokens; 49 degrees of freedom exceed 98.2 once in
    /// 30 000 times, and the seeds are fixed.
    @Test(arguments: [UInt64(1), 2, 3])
    func `random uniforms give the distribution by chi-square`(seed: UInt64) {
        let logits = Matrix.random(1, 50, seed: 40 + seed, scale: 1.5).elements
        let (philox, count) = (Philox(seed: seed), 20_000)
        let uniforms = (0..<count).map { philox.uniform($0, 0, 7, 0) }
        let request = Self.request(0.9)
        let drawn = draws(logits, request, uniforms)
        let counts = Dictionary(drawn.map { (Int($0.token), 1.0) }, uniquingKeysWith: +)
        var statistic = 0.0
        for (token, probability) in DrawReference(logits, request).kept {
            let expected = probability * Double(count)
            statistic += pow((counts[token] ?? 0) - expected, 2) / expected
        }
        #expect(statistic < 98.2)
        // Too good a fit would mean that the draws are not independent.
        #expect(statistic > 20)
    }

    /// Probabilities .30 .25 .20 .10 .08 .07, worked out by hand.
    @Test func `top-k, top-p and min-p act one after another`() {
        let logits = [0.30, 0.25, 0.20, 0.10, 0.08, 0.07].map { log($0) }
        let uniforms = (0..<500).map { Double($0) / 500 }
        func kept(_ request: DrawRequest) -> Set<Int32> {
            Set(draws(logits, request, uniforms).map { $0.token })
        }
        #expect(kept(Self.request(topK: 2)) == [0, 1])
        #expect(kept(Self.request(topP: 0.54)) == [0, 1])
        #expect(kept(Self.request(topP: 0.56)) == [0, 1, 2])
        #expect(kept(Self.request(minP: 0.32)) == [0, 1, 2, 3])
        // Of the first five's mass of .93, 58 % is .539: two tokens; of the whole mass it were three.
        #expect(kept(Self.request(topK: 5, topP: 0.58)) == [0, 1])
        #expect(kept(Self.request(topK: 5, topP: 0.58, minP: 0.6)) == [0, 1])
        #expect(kept(Self.request(topP: 0.58, minP: 0.6)) == [0, 1, 2])
    }

    @Test func `temperature 0 takes the likeliest token, the first of equals`() {
        let logits = [0.5, 3, -1, 3, 2]
        for draw in draws(logits, Self.request(0), [0, 0.4, 0.999]) {
            #expect(draw.token == 1)
            #expect(draw.samplingLogprob == 0)
            let plain = LogSoftmaxReference.logProbabilities(Matrix(1, 5, logits))
            #expect(abs(Double(draw.logprob) - plain[1]) < Self.tolerance)
        }
        #expect(draws(logits, Self.request(topK: 1), [0.999])[0].token == 1)
    }

    @Test func `impossible tokens are never drawn, not even at the ends of the unit line`() {
        var logits = [Double](repeating: -.infinity, count: 1300)
        (logits[3], logits[700]) = (0, 0)
        let ends = [0, 0.25, 0.75, 1 - 0x1p-53]
        for request in [Self.request(), Self.request(topP: 0.99), Self.request(minP: 0.01)] {
            let tokens = draws(logits, request, ends).map { $0.token }
            #expect(tokens == [3, 3, 700, 700])
        }
    }

    @Test func `the smallest temperatures are greedy, not undefined`() {
        let logits = [0.5, 3, -1, 2.75]
        for temperature in [Float.leastNonzeroMagnitude, 0x1p-130, .leastNormalMagnitude, 1e-20] {
            for request in [Self.request(temperature), Self.request(temperature, topP: 0.9)] {
                for draw in draws(logits, request, [0, 0.6, 0.999]) {
                    #expect(draw.token == 1 && draw.samplingLogprob == 0)
                }
            }
        }
    }

    /// A model that diverged: the caller sees it by the log-probability.
    @Test func `logits that are not numbers give a token and no log-probability`() {
        let logits = [Double](repeating: .nan, count: 600)
        for request in [
            Self.request(), Self.request(0), Self.request(topK: 3, topP: 0.5, minP: 0.1),
        ] {
            for draw in draws(logits, request, [0, 0.5]) {
                #expect((0..<600).contains(draw.token) && draw.logprob.isNaN)
            }
        }
    }

    // MARK: Repetition

    /// The rule of vLLM and transformers, by hand: 2 / 2, 1.5, -1 × 2, 0.5.
    private static let penalised = [1.0, 1.5, -2.0, 0.5]

    @Test func `a repetition penalty divides positive logits and multiplies others`() throws {
        let logits: [Float] = [2, 1.5, -1, 0.5]
        let rows = Tensor(rows: 1, columns: 4)
        rows.assign(logits)
        let penalty = RepetitionPenalty(factor: 2, tokens: [0, 2, 99, -1])
        let uniforms = (0..<200).map { (Double($0) + 0.5) / 200 }
        func requests(_ temperature: Float, _ penalty: RepetitionPenalty?) -> [DrawRequest] {
            uniforms.map {
                var request = Self.request(temperature)
                (request.uniform, request.penalty) = ($0, penalty)
                return request
            }
        }
        let plain = LogSoftmaxReference.logProbabilities(Matrix(1, 4, logits.map { Double($0) }))
        let all = requests(0.5, penalty) + requests(0.5, nil) + requests(0, penalty)
        // All share one row, with and without the penalty, and each sees it as it should.
        let draws = CPUBackend(threadCount: 2).draw(
            rows,
            rows: all.map { _ in 0 },
            requests: all
        )
        let sets = [(Self.penalised, draws[..<200]), ([2, 1.5, -1, 0.5], draws[200..<400])]
        for (values, part) in sets {
            let scaled = Matrix(1, 4, values.map { $0 / 0.5 })
            let expected = LogSoftmaxReference.logProbabilities(scaled)
            for (token, logprob) in expected.enumerated() {
                let count = part.count { $0.token == Int32(token) }
                #expect(abs(Double(count) - exp(logprob) * 200) <= 1.01)
            }
            for draw in part {
                let token = Int(draw.token)
                #expect(abs(Double(draw.samplingLogprob) - expected[token]) < Self.tolerance)
                #expect(abs(Double(draw.logprob) - plain[token]) < Self.tolerance)
            }
        }
        for draw in draws[400...] {
            #expect(draw.token == 1 && draw.samplingLogprob == 0)
            #expect(abs(Double(draw.logprob) - plain[1]) < Self.tolerance)
        }
        #expect(rows.hostCopy() == logits)
    }

    @Test func `a mixture takes the penalty of both models' logits`() {
        let (own, other) = (Tensor(rows: 1, columns: 2), Tensor(rows: 1, columns: 2))
        own.assign([3, 2])
        other.assign([1, 0.9])
        var request = Self.request(0)
        request.penalty = RepetitionPenalty(factor: 2, tokens: [0])
        // Half of each: 0.5 × 1.5 + 0.5 × 0.5 against 0.5 × 2 + 0.5 × 0.9.
        let draw = CPUBackend(threadCount: 1).draw(
            own,
            mixedWith: other,
            rows: [0],
            requests: [request],
            shares: [0.5]
        )
        #expect(draw.map(\.token) == [1])
    }
}
