import Domain
import Foundation
import Objectives
import Rewards
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct CurriculumTests {
    private func curriculum(
        _ order: CurriculumSpec.Order,
        by: String = "length",
        pairs: CurriculumSpec.Order = .shuffled
    ) -> Curriculum {
        var spec = RunSpec(
            name: "run",
            kind: .online,
            model: "tiny",
            objective: NamedParameters(name: "dpo")
        )
        spec.curriculum = CurriculumSpec(order: order, by: by, pairs: pairs)
        return Curriculum(spec)
    }

    @Test func `prompts come by their length or by a number of their records`() throws {
        let source = DataSource.items([
            ["prompt": "ccc", "level": 2], ["prompt": "a", "level": 3],
            ["prompt": "bb", "level": 2],
        ])
        let prompts = try DataReader.prompts(of: source, path: "$.prompts")
        func order(_ order: CurriculumSpec.Order, _ by: String = "length") throws -> [Int]? {
            try curriculum(order, by: by).promptOrder(source, prompts)
        }
        #expect(try order(.shuffled) == nil)
        #expect(try order(.sequential) == [0, 1, 2])
        #expect(try order(.easyFirst) == [1, 2, 0])
        #expect(try order(.hardFirst) == [0, 2, 1])
        // Equal ones stay in their order, either way.
        #expect(try order(.easyFirst, "level") == [0, 2, 1])
        #expect(try order(.hardFirst, "level") == [1, 0, 2])
        let missing = #expect(throws: HoneError.self) { try order(.easyFirst, "grade") }
        #expect(missing?.message.contains("items[0]") == true)
        #expect(missing?.message.contains("\"grade\"") == true)
    }

    @Test func `easy pairs are those with a large margin`() {
        let elements = [1.0, 3, 2, 3].map {
            Lessons.Element.pair(.init(chosen: 0, rejected: 1, margin: $0))
        }
        #expect(curriculum(.shuffled).pairOrder(elements) == nil)
        #expect(curriculum(.shuffled, pairs: .easyFirst).pairOrder(elements) == [1, 3, 2, 0])
        #expect(curriculum(.shuffled, pairs: .hardFirst).pairOrder(elements) == [0, 2, 1, 3])
    }

    @Test func `every pass goes through the prompts in that order`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.evaluation = nil
        spec.prompts = .items(["dddd", "a", "ccc", "bb"])
        spec.curriculum = CurriculumSpec(order: .easyFirst)
        _ = try await bench.complete(spec)
        let plane = try await bench.plane()
        let rollouts = try await plane.rollouts(run: "one", purpose: .training, limit: .max).items
        let firsts = rollouts.filter { $0.sampleIndex == 0 }.map(\.prompt)
        #expect(firsts == ["a", "bb", "ccc", "dddd", "a", "bb"].map { Prompt.text($0) })
    }

    @Test func `an iteration's steps go from the largest margin to the smallest`() async throws {
        let bench = try await Bench()
        var spec = MixTests.pairs(bench)
        spec.curriculum = CurriculumSpec(pairs: .easyFirst)
        spec.updateEpochs = 2
        let (_, updates) = try await bench.updates(spec)
        #expect(updates.count == 8)
        for pass in stride(from: 0, to: 8, by: 2) {
            let margins = updates[pass...pass + 1].flatMap(\.pairs).compactMap(\.margin)
            #expect(margins.count == 6 && margins == margins.sorted(by: >))
        }
    }

    @Test func `a file's records come in their order, by length, number or margin`() async throws {
        func prompts(_ curriculum: CurriculumSpec) async throws -> [String] {
            let bench = try await Bench()
            var spec = Bench.offline(
                [("bb", 1, 3), ("a", 2, 2), ("cccc", 3, 1)].map { text, level, margin in
                    [
                        "prompt": .string(text), "chosen": "yes", "rejected": "no",
                        "level": .integer(level), "margin": .integer(margin),
                    ]
                }
            )
            spec.minibatchSize = 1
            spec.iterations = 1
            spec.curriculum = curriculum
            let (run, updates) = try await bench.updates(spec)
            #expect(run.state == .succeeded, "\(String(describing: run.error))")
            return updates.map { update in
                String(
                    decoding: update.groups[0].promptTokens.elements.map { UInt8($0) },
                    as: UTF8.self
                )
            }
        }
        #expect(try await prompts(CurriculumSpec(order: .sequential)) == ["bb", "a", "cccc"])
        #expect(try await prompts(CurriculumSpec(order: .easyFirst)) == ["a", "bb", "cccc"])
        let level = CurriculumSpec(order: .hardFirst, by: "level")
        #expect(try await prompts(level) == ["cccc", "a", "bb"])
        #expect(try await prompts(CurriculumSpec(pairs: .hardFirst)) == ["cccc", "a", "bb"])
    }

    // MARK: - Noise

    private func noise(_ noise: NoiseSpec) -> PairNoise {
        var spec = RunSpec(
            name: "run",
            kind: .online,
            model: "tiny",
            objective: NamedParameters(name: "dpo")
        )
        spec.noise = noise
        return PairNoise(spec)
    }

    /// How many of many pairs are turned round.
    private func rate(_ spec: NoiseSpec, margin: Double) -> Double {
        let noise = noise(spec)
        var random = PhiloxSequence(seed: 3)
        let count = 20_000
        let turned = (0..<count).count { _ in
            noise.applied(to: RankedPair(0, 1, margin), &random).margin < 0
        }
        return Double(turned) / Double(count)
    }

    @Test func `labels are wrong as often as said`() {
        // Four deviations of a share of 20,000 are at most 0.0142.
        #expect(abs(rate(NoiseSpec(flip: 0.2), margin: 1) - 0.2) < 0.0142)
        let drawn = rate(NoiseSpec(bradleyTerry: 2), margin: 1)
        #expect(abs(drawn - 1 / (1 + exp(0.5))) < 0.0142)
        #expect(abs(rate(NoiseSpec(nearTies: 2), margin: 1) - 0.5) < 0.0142)
        #expect(rate(NoiseSpec(nearTies: 1), margin: 1) == 0)
        #expect(rate(NoiseSpec(flip: 1), margin: 1) == 1)
        // A coin stays a coin, and what is wrong twice is right.
        #expect(abs(rate(NoiseSpec(flip: 1, bradleyTerry: 2), margin: 1) - 1 + drawn) < 0.0284)
    }

    @Test func `a turned pair has its sides changed and the rewards' difference kept`() async throws
    {
        let bench = try await Bench()
        var spec = MixTests.pairs(bench)
        spec.noise = NoiseSpec(flip: 1)
        _ = try await bench.complete(spec)
        let plane = try await bench.plane()
        let rollouts = try await plane.rollouts(run: "one", purpose: .training, limit: .max).items
        let rewards = Dictionary(uniqueKeysWithValues: rollouts.map { ($0.id, $0.reward ?? 0) })
        let pairs = try await plane.pairs(run: "one", limit: .max).items
        #expect(pairs.count == 12)
        for pair in pairs {
            let margin = try #require(pair.margin)
            #expect(
                margin < 0 && margin == (rewards[pair.chosen] ?? 0) - (rewards[pair.rejected] ?? 0)
            )
        }
        #expect(
            try await plane.metrics("one").allSatisfy { $0.metrics["rollout/flipped_pairs"] == 6 }
        )
    }

    @Test func `a file's pairs are turned with all that is said of them`() {
        let element = DataElement(
            prompt: .text("p"),
            completions: [
                DataCompletion(text: "a", scalars: [.reward: 2]), DataCompletion(text: "b"),
                DataCompletion(text: "third"),
            ],
            margin: 2,
            preferenceProbability: 0.75,
            place: "f:1"
        )
        let turned = noise(NoiseSpec(flip: 1)).applied(to: [element])[0]
        #expect(turned.completions.map(\.text) == ["b", "a", "third"])
        #expect(turned.completions[1].scalars[.reward] == 2)
        #expect(turned.margin == -2 && turned.preferenceProbability == 0.25)
        #expect(noise(NoiseSpec()).applied(to: [element]) == [element])
    }
}
