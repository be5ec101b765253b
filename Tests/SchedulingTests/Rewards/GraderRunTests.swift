import Domain
import Foundation
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// Runs that look at the further fields of their prompts' records, or compare.
struct GraderRunTests {
    @Test func `graders see the record of the very prompt that was sampled from`() async throws {
        let bench = try await Bench()
        let lines = ["a", "b", "c", "d"].map { #"{"prompt":"\#($0)","own":"\#($0)\#($0)"}"# }
        var spec = bench.groups()
        spec.prompts = .file(try bench.file("prompts.jsonl", lines))
        spec.iterations = 3
        spec.evaluation = nil
        spec.reward = [
            "name": "grader",
            "grader": [
                "type": "string_check", "name": "t", "input": "{{item.own}}", "reference": "aa",
                "operation": "eq",
            ],
        ]
        _ = try await bench.complete(spec)
        let store = try DataStore(folder: "\(bench.folder)/data")
        let rollouts = try await store.rollouts(run: "run-1", limit: .max).items
        #expect(rollouts.count == 3 * 3 * 6)
        for rollout in rollouts {
            #expect(rollout.reward == (rollout.prompt == .text("a") ? 1 : 0))
        }
        #expect(Set(rollouts.compactMap(\.reward)) == [0, 1])
        spec.name = "two"
        spec.publishAs = "two"
        spec.iterations = 1
        spec.reward = [
            "name": "grader",
            "grader": [
                "type": "string_check", "name": "t", "input": "{{item.missing}}",
                "reference": "x", "operation": "eq",
            ],
        ]
        let second = try await bench.complete(spec)
        let unscored = try await store.rollouts(run: second.id, limit: .max).items
        let reasons = Set(unscored.flatMap(\.scores).compactMap(\.reason))
        #expect(reasons == ["there is no item.missing"])
    }

    private static let judge: Value = [
        "name": "judge", "model": "policy", "template": "{prompt} {a} {b}",
    ]

    @Test func `the policy judges pairs of its own completions, lost meanwhile or not`()
        async throws
    {
        func spec(_ bench: Bench) -> RunSpec {
            var spec = bench.groups()
            spec.reward = Self.judge
            spec.evaluation = nil
            spec.objective = NamedParameters(name: "grpo")
            return spec
        }
        let bench = try await Bench()
        _ = try await bench.complete(spec(bench))
        let whole = try await Remains(of: "run-1", in: bench)
        let store = try DataStore(folder: "\(bench.folder)/data")
        for rollouts in Dictionary(
            grouping: try await store.rollouts(run: "run-1", iteration: 1, limit: .max).items,
            by: \.promptIndex
        ).values {
            let scores = rollouts.compactMap(\.reward)
            #expect(scores.count == 6)
            #expect(abs(scores.reduce(0, +) / 6 - 0.5) < 1e-9)
        }
        // The judge is lost while it judges: the unit is done again with the policy reopened.
        let other = try await Bench()
        let losses = Mutex(0)
        other.launcher.interfere { (moment, _, request) throws(HoneError) in
            if moment == .before, case .logprobs = request, losses.withLock({ $0 == 0 }) {
                losses.withLock { $0 += 1 }
                throw PseudoLauncher.lost
            }
        }
        _ = try await other.complete(spec(other))
        #expect(losses.withLock { $0 } == 1)
        #expect(try await Remains(of: "run-1", in: other) == whole)
    }

    @Test func `what a run cannot be judged by is refused`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        func faults(_ change: (inout RunSpec) -> Void) async throws -> [String] {
            var spec = bench.groups()
            change(&spec)
            return try await plane.validate(spec).faults.map { "\($0.path): \($0.message)" }
        }
        let reward = try await faults { $0.reward = ["name": "judge", "model": "judge"] }
        #expect(reward.contains { $0.contains("is a reward model, not a language model") })
        let unknown = try await faults { $0.reward = ["name": "judge", "model": "tinny"] }
        #expect(unknown.contains { $0.contains("\"tiny\"") })
        let lone = try await faults { $0.reward = Self.judge }
        #expect(lone.contains { $0.hasPrefix("$.evaluation.group_size") })
        let mixed = try await faults { spec in
            spec.evaluation = nil
            spec.objective = NamedParameters(name: "sppo")
            spec.reward = ["name": "weighted_sum", "rewards": [["reward": Self.judge]]]
        }
        #expect(mixed.contains { $0.contains("mixes win rates") }, "\(mixed)")
        let far = try await faults { spec in
            spec.reward = ["name": "remote", "url": "http://localhost/", "protocol": "slime"]
        }
        #expect(far.contains { $0.contains("outgoing HTTP is not set up") })
        await plane.shutdown()
    }
}
