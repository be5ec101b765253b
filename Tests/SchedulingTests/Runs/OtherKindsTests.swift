import Domain
import Foundation
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct OtherKindsTests {
    private func offline(_ bench: Bench) throws -> RunSpec {
        var spec = RunSpec(
            name: "pairs",
            kind: .offline,
            model: "tiny",
            objective: NamedParameters(name: "dpo")
        )
        let lines = (0..<5).map {
            #"{"prompt":"p\#($0)","chosen":"good \#($0)","rejected":"bad \#($0)"}"#
        }
        spec.data = .file(try bench.file("pairs.jsonl", lines))
        spec.minibatchSize = 2
        spec.updateEpochs = 2
        spec.iterations = 3
        return spec
    }

    @Test func `an offline run makes its passes in as many parts as iterations`() async throws {
        let bench = try await Bench()
        let run = try await bench.complete(try offline(bench))
        #expect(run.state == .succeeded)
        // Two passes of three steps, in three parts.
        #expect(run.policyVersion == 6)
        let plane = try await bench.plane()
        #expect(try await plane.metrics("pairs").map(\.iteration) == [1, 2, 3])
        #expect(try await plane.pairs(run: "pairs").items.count == 5)
        let data = try await plane.rollouts(run: "pairs", purpose: .data).items
        #expect(data.count == 10)
        #expect(
            data.allSatisfy {
                $0.rollout.referenceLogprobs.count == $0.rollout.completionTokens.count
            }
        )
    }

    private func labels() -> RunSpec {
        var spec = RunSpec(
            name: "thumbs",
            kind: .offline,
            model: "tiny",
            objective: NamedParameters(name: "kto")
        )
        spec.data = .items([
            ["prompt": "p", "completion": "good", "label": true, "weight": 2],
            ["prompt": "q", "completion": "bad", "label": false],
            ["prompt": "r", "chosen": "better", "rejected": "worse"],
        ])
        spec.minibatchSize = 4
        spec.iterations = 1
        return spec
    }

    private func lists() -> RunSpec {
        var spec = labels()
        spec.objective = NamedParameters(name: "lipo_lambda")
        spec.data = .items(
            (0..<3).map {
                [
                    "prompt": .string("p\($0)"), "completions": ["a", "b", "c"],
                    "rewards": [.integer($0), 0.5, .null],
                ]
            }
        )
        spec.minibatchSize = 2
        return spec
    }

    @Test func `an offline run learns from labels, and from pairs as labels`() async throws {
        let bench = try await Bench()
        let (run, updates) = try await bench.updates(labels())
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let sequences = try #require(updates.first).sequences
        #expect(updates.count == 1 && updates[0].pairs.isEmpty)
        #expect(Set(sequences.map { "\($0.label == true) \($0.weight)" }).count == 3)
        #expect(sequences.count { $0.label == true } == 2 && sequences.count == 4)
        #expect(sequences.allSatisfy { $0.tokens["reference_logprobs"] != nil })
        let plane = try await bench.plane()
        #expect(try await plane.pairs(run: "thumbs").items.isEmpty)
    }

    @Test func `an offline run learns from whole groups`() async throws {
        let bench = try await Bench()
        let (run, updates) = try await bench.updates(lists())
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        #expect(updates.map(\.groups.count) == [2, 1])
        #expect(updates.allSatisfy { $0.groups.allSatisfy { $0.completions.count == 2 } })
        let rewards = updates.flatMap(\.sequences).compactMap { $0.scalars["reward"] }
        #expect(rewards.sorted() == [0, 0.5, 0.5, 0.5, 1, 2])
    }

    @Test func `the policy at the start is an offline run's old policy`() async throws {
        let bench = try await Bench()
        var spec = labels()
        spec.objective = NamedParameters(name: "rebel")
        spec.data = .items([
            [
                "prompt": "r", "chosen": "better", "rejected": "worse", "chosen_reward": 2,
                "rejected_reward": 0.5,
            ]
        ])
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let sequences = try #require(updates.first).sequences
        #expect(sequences.map { $0.scalars["reward"] } == [2, 0.5])
        #expect(sequences.allSatisfy { $0.tokens["old_logprobs"] != nil })
        #expect(sequences.allSatisfy { $0.tokens["reference_logprobs"] == nil })
    }

    private func rewardModel() -> RunSpec {
        var spec = RunSpec(
            name: "taste",
            kind: .rewardModel,
            model: "tiny",
            objective: NamedParameters(name: "bradley_terry")
        )
        spec.data = .items(
            (0..<10).map {
                ["prompt": "p", "chosen": .string("good \($0)"), "rejected": .string("bad \($0)")]
            }
        )
        spec.rewardModel.template = "{prompt}: {completion}"
        spec.iterations = 2
        spec.minibatchSize = 4
        spec.updateEpochs = 1
        return spec
    }

    private func spec(_ kind: RunKind, _ bench: Bench) throws -> RunSpec {
        switch kind {
        case .offline: try offline(bench)
        case .sft: lists()
        default: rewardModel()
        }
    }

    /// `sft` stands for an offline run on groups.
    @Test(arguments: [RunKind.offline, .sft, .rewardModel])
    func `a run on fixed data killed at any request ends in the same bytes`(
        _ kind: RunKind
    ) async throws {
        let whole = try await Bench()
        let first = whole.launcher.requests.count
        _ = try await whole.complete(try spec(kind, whole))
        let end = whole.launcher.requests.count
        let expected = try await Remains(of: "run-1", in: whole)
        for number in (first + 1)..<end {
            let bench = try await Bench()
            let plane = try await bench.plane()
            bench.launcher.interfere { moment, current, _ throws(HoneError) in
                if moment == .after && current == number { await plane.shutdown() }
            }
            _ = try await plane.submit(try spec(kind, bench))
            await plane.run()
            bench.launcher.interfere(with: nil)
            try await bench.drive(try await bench.plane(), until: "run-1")
            #expect(try await Remains(of: "run-1", in: bench) == expected, "at \(number)")
        }
    }

    @Test func `a run keeps its own copy of its data`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        _ = try await plane.submit(try offline(bench))
        _ = try bench.file("pairs.jsonl", ["not JSON"])
        let run = try await bench.drive(plane, until: "pairs")
        #expect(run.state == .succeeded)
    }

    @Test func `demonstrations are learned from without a reference`() async throws {
        let bench = try await Bench()
        var spec = RunSpec(
            name: "demo",
            kind: .sft,
            model: "tiny",
            objective: NamedParameters(name: "sft")
        )
        spec.data = .items([
            ["prompt": "a", "completion": "b"],
            [
                "messages": [
                    ["role": "user", "content": "q"], ["role": "assistant", "content": "r"],
                ]
            ],
        ])
        spec.iterations = 1
        let run = try await bench.complete(spec)
        #expect(run.state == .succeeded)
        #expect(run.policyVersion == 1)
        #expect(!bench.launcher.requests.contains("logprobs"))
    }

    @Test func `a reward model of ratings reports its held-out accuracy and is published as one`()
        async throws
    {
        let bench = try await Bench()
        var spec = rewardModel()
        spec.data = .items(
            (0..<40).map { ["text": .string("text \($0)"), "rating": .integer($0 % 7)] }
        )
        spec.rewardModel.headFit = .ridge
        spec.rewardModel.holdout = 0.25
        spec.updateEpochs = 0
        let run = try await bench.complete(spec)
        #expect(run.state == .succeeded)
        let plane = try await bench.plane()
        let model = try await plane.model("taste")
        #expect(model.isRewardModel)
        let metrics = try #require(try await plane.metrics("taste").first).metrics
        #expect((metrics["preference/pairs"] ?? 0) > 10)
        #expect((0...1).contains(metrics["preference/accuracy"] ?? -1))
        #expect(!bench.launcher.requests.contains("update"))
        // It is a reward from now on.
        let scores = try await plane.score(
            reward: ["name": "model", "model": "taste"],
            items: [RewardItem(prompt: "", completion: "text 1")]
        )
        #expect(scores[0].score != nil)
    }

    @Test func `gradient passes of a reward model learn from pairs of whole texts`() async throws {
        let bench = try await Bench()
        var spec = rewardModel()
        spec.iterations = 1
        let run = try await bench.complete(spec)
        #expect(run.state == .succeeded)
        let plane = try await bench.plane()
        let texts = try await plane.rollouts(run: "taste", purpose: .data).items
        #expect(texts.first?.rollout.text == "p: good 0")
        #expect(texts.first?.rollout.promptTokens == [])
        // Nine training pairs in minibatches of four.
        #expect(bench.launcher.requests.filter { $0 == "update" }.count == 3)
    }

    @Test func `a reward model learns how sure its pairs are`() async throws {
        let bench = try await Bench()
        var spec = rewardModel()
        spec.objective.parameters = ["soft_labels": true]
        spec.data = .items(
            (0..<10).map {
                [
                    "prompt": "p", "chosen": .string("good \($0)"),
                    "rejected": .string("bad \($0)"), "preference_probability": 0.75,
                ]
            }
        )
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let pairs = updates.flatMap(\.pairs)
        #expect(!pairs.isEmpty && pairs.allSatisfy { $0.preferenceProbability == 0.75 })
        spec.data = rewardModel().data
        spec.name = "unsure"
        let report = try await bench.plane().validate(spec)
        #expect(report.faults.contains { $0.message.contains("preference_probability") })
    }
}
