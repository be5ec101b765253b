import Domain
import Foundation
import Kernels
import Testing

@testable import Training

/// Heads of several attributes: their fit, the verbosity that is taken off, and the gate.
@Suite struct `Attribute heads` {
    private func numbers(_ count: Int, seed: UInt64) -> [Double] {
        var random = PhiloxSequence(seed: seed)
        return (0..<count).map { _ in Double.random(in: -1...1, using: &random) }
    }

    @Test func `the smallest share of the verbosity that frees an attribute is taken off`() {
        let (long, own) = (numbers(400, seed: 1), numbers(400, seed: 2))
        let ratings = zip(long, own).map { [$1 + 0.4 * $0, $0, $1 - 0.2 * $0] }
        let penalties = VerbosityPenalty.penalties(ratings, verbosity: 1, limit: 0.03)
        #expect(abs(penalties[0] - 0.4) < 0.1)
        // The verbosity keeps itself, and what falls with it is let be.
        #expect(penalties[1] == 0 && penalties[2] == 0)
        let rest = ratings.map { $0[0] - penalties[0] * $0[1] }
        #expect(VerbosityPenalty.spearman(rest, long) <= 0.03)
        let less = ratings.map { $0[0] - (penalties[0] - 0.01) * $0[1] }
        #expect(VerbosityPenalty.spearman(less, long) > 0.03)
    }

    @Test func `rank correlation is one of order alone, ties shared`() {
        #expect(VerbosityPenalty.spearman([1, 2, 3], [10, 100, 1000]) == 1)
        #expect(VerbosityPenalty.spearman([1, 2, 3], [3, 2, 1]) == -1)
        #expect(VerbosityPenalty.spearman([1, 1, 1], [1, 2, 3]) == 0)
        #expect(abs(VerbosityPenalty.spearman([1, 1, 2], [1, 2, 3]) - 0.8660254) < 1e-6)
    }

    private var settings: RewardHead.Attributes {
        var settings = RewardHead.Attributes()
        (settings.gatingWidth, settings.gatingSteps, settings.gatingTemperature) = (8, 400, 1)
        return settings
    }

    /// Prompts of two sorts: under the first the first attribute decides, under the second the other.
    private func lessons(_ count: Int) -> [GatingNetwork.Lesson] {
        let (sorts, noise) = (numbers(count, seed: 4), numbers(2 * count, seed: 5))
        return (0..<count).map { index in
            let isFirst = sorts[index] > 0
            let (lead, other) = (0.5 + abs(noise[2 * index]), 3 * noise[2 * index + 1])
            return GatingNetwork.Lesson(
                prompt: [sorts[index], 0.1 * noise[index]],
                leads: isFirst ? [lead, other] : [other, lead]
            )
        }
    }

    @Test func `a gate begins by weighing all alike and learns which attribute decides`() {
        let lessons = lessons(300)
        var gate = GatingNetwork(
            settings,
            attributes: 2,
            features: lessons.compactMap(\.prompt),
            seed: 3
        )
        #expect(gate.forward([0.4, 0]).weights == [0.5, 0.5])
        let before = gate.loss(lessons)
        gate.train(on: lessons, steps: 400, seed: 3)
        #expect(gate.loss(lessons) < before - 0.1)
        let (first, second) = (gate.forward([0.8, 0]).shares, gate.forward([-0.8, 0]).shares)
        #expect(first[0] > 0.6 && second[1] > 0.6, "\(first) \(second)")
    }

    @Test func `the gate's gradient is that of its loss`() {
        let lessons = lessons(12)
        var gate = GatingNetwork(
            settings,
            attributes: 2,
            features: lessons.compactMap(\.prompt),
            seed: 3
        )
        // Away from the symmetric start.
        let stir = numbers(gate.parameters.count, seed: 8)
        for index in stir.indices { gate.parameters[index] += 0.3 * stir[index] }
        let gradient = gate.gradient(lessons)
        for index in stride(from: 0, to: gradient.count, by: 7) {
            func loss(_ step: Double) -> Double {
                var moved = gate
                moved.parameters[index] += step
                return moved.loss(lessons)
            }
            let slope = (loss(1e-6) - loss(-1e-6)) / 2e-6
            #expect(abs(slope - gradient[index]) < 1e-6)
        }
    }

    private static let words = (0..<60).map { index in
        String(repeating: index.isMultiple(of: 2) ? "ab" : "xy", count: 1 + index % 7) + "\(index)"
    }

    /// Texts with two attributes, some of them unknown, and pairs under two prompts.
    private var data: HeadFitData<RewardText> {
        var data = HeadFitData(
            method: .ridge,
            items: Self.words.enumerated().map { index, word in
                RewardText(prompt: index % 4 < 2 ? "one" : "two", completion: word)
            }
        )
        data.attributes = ["kind", "length"]
        data.attributeRatings = Self.words.indices.map { index in
            [index % 5 == 0 ? nil : index.isMultiple(of: 2) ? 1 : 0, Double(index % 7)]
        }
        for index in stride(from: 0, to: 60, by: 2) {
            data.chosen.append(index)
            data.rejected.append(index + 1)
        }
        return data
    }

    @Test(arguments: [true, false])
    func `a head of attributes says what it is made of, and the same when opened again`(
        gates: Bool
    ) throws {
        let model = try TinyModel()
        var settings = settings
        (settings.gates, settings.verbosity, settings.gatingSteps) = (gates, "length", 40)
        var spec = RewardModelSpec()
        spec.head = .attributes(settings)
        func session(_ folder: String, _ spec: RewardModelSpec?) throws -> RewardSession {
            try RewardSession(
                modelFolder: folder,
                checkpointFolder: nil,
                spec: spec,
                training: nil,
                seed: 2,
                backend: CPUBackend(threadCount: 1)
            )
        }
        let running = try session(model.path, spec)
        let metrics = try running.reward.fitHead(data, l2: 0.01, seed: 2)
        #expect(metrics["fit/accuracy"] ?? 0 > 0.9, "\(metrics)")
        #expect(metrics["fit/kind_l2"] != nil && metrics["fit/kind_penalty"] != nil)
        let scores = try running.reward.score(data.items)
        #expect(scores.allSatisfy { $0.outputs.count == 2 && $0.score != nil })
        let path = model.beside("attributes")
        try running.checkpoint(to: path, includesOptimizer: true, state: Data())
        let reopened = try session(path, nil)
        #expect(try reopened.reward.score(data.items) == scores)
        // What is published again is the same.
        let again = model.beside("again")
        try reopened.checkpoint(to: again, includesOptimizer: false, state: Data())
        #expect(try session(again, nil).reward.score(data.items) == scores)
    }
}
