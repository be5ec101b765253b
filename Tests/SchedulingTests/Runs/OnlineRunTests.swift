import Domain
import Foundation
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct OnlineRunTests {
    @Test func `an online run samples, scores, pairs, learns, evaluates, keeps and publishes`()
        async throws
    {
        let bench = try await Bench()
        let run = try await bench.complete(bench.online())
        #expect(run.state == .succeeded)
        #expect(run.iteration == 2)
        #expect(run.policyVersion == 4)
        let plane = try await bench.plane()
        let iterations = try await plane.metrics("one")
        #expect(iterations.map(\.iteration) == [0, 1, 2])
        let expected = [
            "reward/mean", "reward/margin", "policy/kl", "policy/loss", "rollout/completion_length",
            "rollout/truncated_fraction", "parity/logprob_abs_diff_max",
            "throughput/tokens_per_second", "time/sample_seconds", "time/score_seconds",
            "time/update_seconds", "time/evaluate_seconds", "evaluation/reward_mean",
            "evaluation/reward_std", "evaluation/kl", "evaluation/length_mean",
        ]
        for name in expected { #expect(iterations[1].metrics[name] != nil, "\(name)") }
        #expect(iterations[0].metrics["evaluation/kl"] == 0)
        #expect(iterations[1].metrics["rollout/truncated_fraction"] == 0.5)
        #expect(try await plane.rollouts(run: "one", limit: 1000).items.count == 3 * 48 * 2 + 2 * 3)
        #expect(try await plane.pairs(run: "one").items.count == 6)
        #expect(try await plane.checkpoints("one").map(\.iteration) == [1, 2])
        #expect(try await plane.model("one").runID == run.id)
        let lines = try String(
            contentsOfFile: "\(bench.folder)/data/runs/\(run.id)/metrics.jsonl",
            encoding: .utf8
        ).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[2].contains("\"iteration\":2"))
    }

    @Test func `the best is paired against the worst of its group`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        let rollouts = try await plane.rollouts(
            run: "one",
            iteration: 1,
            purpose: .training,
            limit: 1000
        ).items
        for pair in try await plane.pairs(run: "one", iteration: 1).items {
            let chosen = try #require(rollouts.first { $0.id == pair.chosen })
            let group = rollouts.filter { $0.promptIndex == chosen.promptIndex }
            let rejected = try #require(group.first { $0.id == pair.rejected })
            #expect(chosen.reward == group.compactMap(\.reward).max())
            #expect(rejected.reward == group.compactMap(\.reward).min())
            #expect(pair.margin == (chosen.reward ?? 0) - (rejected.reward ?? 0))
        }
    }

    @Test func `the same spec gives the same bytes, another seed other ones`() async throws {
        let (first, second, third) = (try await Bench(), try await Bench(), try await Bench())
        var seeded = third.online()
        seeded.seed = 1
        _ = try await first.complete(first.online())
        _ = try await second.complete(second.online())
        _ = try await third.complete(seeded)
        let remains = try await Remains(of: "run-1", in: first)
        #expect(try await Remains(of: "run-1", in: second) == remains)
        #expect(try await Remains(of: "run-1", in: third).weights != remains.weights)
    }

    @Test func `two checkpoints are kept unless said`() async throws {
        let bench = try await Bench()
        var spec = bench.online()
        spec.iterations = 4
        spec.evaluation = nil
        let run = try await bench.complete(spec)
        let plane = try await bench.plane()
        #expect(try await plane.checkpoints("one").map(\.iteration) == [3, 4])
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: "\(bench.folder)/data/runs/\(run.id)/checkpoints"
        )
        #expect(folders.sorted() == ["step-000006", "step-000008"])
    }

    @Test func `a group without a difference gives no pair and the run goes on`() async throws {
        let bench = try await Bench()
        var spec = bench.online()
        spec.reward = ["name": "length", "target": 4]
        let run = try await bench.complete(spec)
        #expect(run.state == .succeeded)
        #expect(run.policyVersion == 0)
        let plane = try await bench.plane()
        #expect(try await plane.pairs(run: "one").items.isEmpty)
        #expect(try await plane.model("one").runID == run.id)
    }

    @Test func `the KL limit ends a run early, with its result published`() async throws {
        let bench = try await Bench()
        var spec = bench.online()
        spec.stop.maxKL = -1000
        let run = try await bench.complete(spec)
        #expect(run.state == .succeeded)
        #expect(run.iteration == 1)
        let plane = try await bench.plane()
        #expect(try await plane.model("one").runID == run.id)
    }

    @Test func `a loss that is no number fails the run and keeps its checkpoint`() async throws {
        let bench = try await Bench()
        bench.launcher.reportLoss { $0 == 3 ? .nan : 0.5 }
        let run = try await bench.complete(bench.online())
        #expect(run.state == .failed)
        #expect(run.error?.code == .notANumber)
        #expect(run.error?.message.contains("policy/loss") == true)
        let plane = try await bench.plane()
        #expect(try await plane.checkpoints("one").map(\.iteration) == [1])
    }

    @Test func `a full disk at a checkpoint fails the run, which can be resumed`() async throws {
        let bench = try await Bench()
        let whole = try await Bench()
        _ = try await whole.complete(whole.online())
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .checkpoint(let order) = request, moment == .before,
                order.destination.hasSuffix("000004")
            {
                throw HoneError(.diskFull, "no room left on the disk")
            }
        }
        let run = try await bench.complete(bench.online())
        #expect(run.state == .failed)
        #expect(run.error?.code == .diskFull)
        let plane = try await bench.plane()
        #expect(try await plane.checkpoints("one").map(\.iteration) == [1])
        bench.launcher.interfere(with: nil)
        _ = try await plane.resume("one")
        try await bench.drive(plane, until: "one")
        #expect(
            try await Remains(of: "run-1", in: bench) == Remains(of: "run-1", in: whole)
        )
    }
}
