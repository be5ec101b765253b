import Domain
import Foundation
import Testing

@testable import Training

@Suite struct `Head fit` {
    /// Features of very different sizes and offsets, one of them constant.
    private static func features(_ count: Int) -> [[Double]] {
        var random = PhiloxSequence(seed: 3)
        return (0..<count).map { _ in
            let z = (0..<6).map { _ in Double.random(in: -1...1, using: &random) }
            return [z[0], 100 * z[1] + 40, 0.01 * z[2] - 3, z[3] + z[0] / 2, 5 * z[4], 7, z[5]]
        }
    }
    /// In units of the features above.
    private static let direction = [1.5, -0.02, 120, 0, 0.3, 0, -2]

    private static func score(_ row: [Double]) -> Double {
        zip(row, direction).reduce(0.75) { $0 + $1.0 * $1.1 }
    }

    @Test func `ridge regression finds the direction and the offset`() {
        let features = Self.features(300)
        let head = HeadFit(features: features, l2: 1e-9).ridge(features.map(Self.score))
        for (row, weight) in head.weight.enumerated() where row != 5 {
            #expect(abs(weight - Self.direction[row]) < 1e-4 * max(1, abs(Self.direction[row])))
        }
        // The constant feature and the bias cannot be told apart: only predictions can.
        for row in features {
            let predicted = zip(row, head.weight).reduce(head.bias) { $0 + $1.0 * $1.1 }
            #expect(abs(predicted - Self.score(row)) < 1e-4)
        }
    }

    /// With one standardised feature the minimum is mean(z · rating) / (1 + λ).
    @Test(arguments: [0.0, 0.25, 3])
    func `the penalty shrinks a single weight by 1 + λ`(l2: Double) {
        let features = [[2.0], [4], [4], [6]]
        let ratings = [1.0, 2, 4, 5]
        let head = HeadFit(features: features, l2: l2).ridge(ratings)
        // Mean 4, deviation √2; z = −√2, 0, 0, √2: mean(z · rating) = √2.
        #expect(abs(head.weight[0] - 1 / (1 + l2)) < 1e-5)
        #expect(abs(head.bias + 4 * head.weight[0] - 3) < 1e-9)
    }

    @Test func `a strong penalty leaves the mean rating`() {
        let features = Self.features(50)
        let ratings = features.map(Self.score)
        let head = HeadFit(features: features, l2: 1e9).ridge(ratings)
        let mean = ratings.reduce(0, +) / 50
        for row in features {
            let predicted = zip(row, head.weight).reduce(head.bias) { $0 + $1.0 * $1.1 }
            #expect(abs(predicted - mean) < 1e-5)
        }
    }

    @Test func `Bradley-Terry finds the direction of noisy preferences`() {
        let (features, pairs) = Self.preferences(noisy: true)
        let fit = HeadFit(features: features, l2: 1e-4)
        let head = fit.bradleyTerry(pairs.map { HeadFit.Pair(chosen: $0.0, rejected: $0.1) })
        // 4000 pairs tell each of six weights to about 5 %: the angle is a cosine near one.
        let scores = features.map { row in zip(row, head.weight).reduce(0) { $0 + $1.0 * $1.1 } }
        let truth = features.map { Self.score($0) }
        #expect(Self.correlation(scores, truth) > 0.99)
    }

    @Test func `Bradley-Terry centres the scores and ranks clear preferences right`() {
        let (features, pairs) = Self.preferences(noisy: false)
        let head = HeadFit(features: features, l2: 1e-3)
            .bradleyTerry(pairs.map { HeadFit.Pair(chosen: $0.0, rejected: $0.1) })
        let scores = features.map { row in
            zip(row, head.weight).reduce(head.bias) { $0 + $1.0 * $1.1 }
        }
        #expect(abs(scores.reduce(0, +)) / Double(scores.count) < 1e-6)
        let right = pairs.count { scores[$0.0] > scores[$0.1] }
        #expect(Double(right) / Double(pairs.count) > 0.97)
    }

    @Test func `what is known is a start that pairs move as far as they outweigh it`() {
        let (features, pairs) = Self.preferences(noisy: false)
        let fit = HeadFit(features: features, l2: 0.01)
        let lessons = pairs.prefix(200).map { HeadFit.Pair(chosen: $0.0, rejected: $0.1) }
        let known = HeadFit.Head(weight: [-1, 0, 0, 0, 0.2, 0, 0], bias: 4)
        func values(_ head: HeadFit.Head) -> [Double] {
            features.map { row in zip(row, head.weight).reduce(head.bias) { $0 + $1.0 * $1.1 } }
        }
        func accuracy(_ head: HeadFit.Head) -> Double {
            let scores = values(head)
            return Double(pairs.count { scores[$0.0] > scores[$0.1] }) / Double(pairs.count)
        }
        let strong = fit.bradleyTerry(lessons, prior: .init(head: known, pairs: 1e12))
        for (one, other) in zip(values(strong), values(known)) { #expect(abs(one - other) < 1e-6) }
        let none = fit.bradleyTerry([], prior: .init(head: known, pairs: 1))
        for (one, other) in zip(values(none), values(known)) { #expect(abs(one - other) < 1e-9) }
        let accuracies = [1e6, 2_000, 100, 0].map { weight in
            accuracy(fit.bradleyTerry(lessons, prior: .init(head: known, pairs: weight)))
        }
        #expect(accuracies == accuracies.sorted() && accuracies[0] < 0.5 && accuracies[3] > 0.9)
        // The mean score stays: the reward's scale does not jump.
        let weak = fit.bradleyTerry(lessons, prior: .init(head: known, pairs: 100))
        let means = [values(weak), values(known)].map { $0.reduce(0, +) / Double($0.count) }
        #expect(abs(means[0] - means[1]) < 1e-9)
    }

    private static func preferences(noisy: Bool) -> ([[Double]], [(Int, Int)]) {
        let features = features(200)
        var random = PhiloxSequence(seed: 4)
        let pairs = (0..<4000).map { _ in
            let (left, right) = (
                Int.random(in: 0..<200, using: &random), Int.random(in: 0..<200, using: &random)
            )
            let margin = score(features[left]) - score(features[right])
            let bar = noisy ? Double.random(in: 0..<1, using: &random) : 0.5
            return 1 / (1 + exp(-margin)) > bar ? (left, right) : (right, left)
        }
        return (features, pairs)
    }

    private static func correlation(_ left: [Double], _ right: [Double]) -> Double {
        func centred(_ values: [Double]) -> [Double] {
            let mean = values.reduce(0, +) / Double(values.count)
            return values.map { $0 - mean }
        }
        let (a, b) = (centred(left), centred(right))
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
}

@Suite struct `Convex minimiser` {
    @Test func `a badly scaled quadratic is solved`() {
        let scales = (0..<8).map { pow(10, Double($0) / 2) }
        let point = ConvexMinimiser(tolerance: 1e-10).minimise(from: Array(repeating: 0, count: 8))
        { x in
            let gap = x.indices.map { x[$0] - Double($0) }
            let value = gap.indices.reduce(0) { $0 + scales[$1] * gap[$1] * gap[$1] / 2 }
            return (value, gap.indices.map { scales[$0] * gap[$0] })
        }
        for (index, value) in point.enumerated() { #expect(abs(value - Double(index)) < 1e-5) }
    }
}

@Suite struct `Scored text` {
    private func render(_ template: String) -> String {
        RewardHeadSpec(pooling: .last, normalises: true, template: template)
            .render(prompt: "P{completion}", completion: "C{prompt}")
    }

    @Test func `prompt and completion fill the template once`() {
        #expect(render("{prompt}{completion}") == "P{completion}C{prompt}")
        #expect(render("Q: {prompt}\nA: {completion}!") == "Q: P{completion}\nA: C{prompt}!")
        #expect(render("{completion}{completion}") == "C{prompt}C{prompt}")
    }

    @Test func `other braces stay as they are`() {
        #expect(render("{") == "{")
        #expect(render("{prompt {x} {{completion}}") == "{prompt {x} {C{prompt}}")
        #expect(render("") == "")
    }
}
