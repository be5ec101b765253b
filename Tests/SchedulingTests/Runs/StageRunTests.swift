import Domain
import Foundation
import Objectives
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// Online runs whose advantages are made through stages.
struct StageRunTests {
    /// What a run left: its updates in order, its rollouts and its metrics.
    private struct Outcome {
        var run: RunRecord
        var updates: [WorkerRequest.Update]
        var rollouts: [RolloutRecord]
        var metrics: [[String: Double]]

        /// The completions of an iteration by group.
        func groups(_ iteration: Int) -> [[RolloutRecord]] {
            let own = rollouts.filter { $0.iteration == iteration }
            let groups = Dictionary(grouping: own, by: \.promptIndex)
            return groups.keys.sorted().map { place in
                (groups[place] ?? []).sorted { $0.sampleIndex < $1.sampleIndex }
            }
        }

        /// The sequence that an update has of a completion.
        func sequence(_ record: RolloutRecord) -> WorkerRequest.TrainingSequence? {
            for update in updates {
                let found = update.sequences.first { sequence in
                    let group = update.groups[sequence.group]
                    return group.completions[sequence.completion].elements
                        == record.rollout.completionTokens
                        && sequence.tokens["old_logprobs"]?.elements == record.rollout.logprobs
                }
                if let found { return found }
            }
            return nil
        }
    }

    private func outcome(_ spec: RunSpec, _ bench: Bench) async throws -> Outcome {
        let list = Mutex<[WorkerRequest.Update]>([])
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .update(let order) = request, moment == .before {
                list.withLock { $0.append(order) }
            }
        }
        let run = try await bench.complete(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let plane = try await bench.plane()
        let rollouts = try await plane.rollouts(run: "one", purpose: .training, limit: .max).items
        let metrics = try await plane.metrics("one").filter { $0.iteration > 0 }.map(\.metrics)
        await plane.shutdown()
        return Outcome(
            run: run,
            updates: list.withLock { $0 },
            rollouts: rollouts,
            metrics: metrics
        )
    }

    /// A run with these stages; with held-out prompts, so that nobody else asks for references.
    private func outcome(
        _ objective: String = "grpo",
        _ parameters: Value = [:],
        advantage: String? = nil,
        _ set: (inout StageSpec) -> Void = { _ in }
    ) async throws -> Outcome {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.objective = NamedParameters(name: objective, parameters: parameters)
        spec.advantage = advantage.map { NamedParameters(name: $0) }
        var stages = StageSpec()
        set(&stages)
        spec.stages = stages
        return try await outcome(spec, bench)
    }

    private func sequenceKL(_ record: RolloutRecord) -> Double {
        zip(record.rollout.logprobs, record.rollout.referenceLogprobs)
            .reduce(0) { $0 + Double($1.0) - Double($1.1) }
    }

    @Test func `a KL in the reward has references sampled, and its coefficient adapts`()
        async throws
    {
        let found = try await outcome(
            "grpo",
            ["kl_coefficient": 0],
            advantage: "group_mean"
        ) { stages in
            stages.rewardKL = RewardKLSpec(coefficient: 0.1)
            let target: Value = ["target": 0.01, "horizon": 100]
            stages.controllers = [NamedParameters(name: "adaptive_kl", parameters: target)]
        }
        var coefficient = 0.1
        for iteration in 1...2 {
            let metrics = found.metrics[iteration - 1]
            #expect(metrics["stages/kl_coefficient"] == coefficient)
            for group in found.groups(iteration) {
                let rewards = group.map { ($0.reward ?? .nan) - coefficient * sequenceKL($0) }
                let mean = rewards.reduce(0, +) / 6
                for (record, reward) in zip(group, rewards) {
                    let sequence = try #require(found.sequence(record))
                    let advantages = try #require(sequence.tokens["advantages"]?.elements)
                    #expect(advantages.count == 4)
                    #expect(advantages.allSatisfy { abs(Double($0) - (reward - mean)) < 1e-5 })
                    // The objective itself has no use for it.
                    #expect(sequence.tokens["reference_logprobs"] == nil)
                }
            }
            let kls = found.groups(iteration).joined().map(sequenceKL)
            let kl = kls.reduce(0, +) / Double(kls.count)
            #expect(abs((metrics["rollout/kl"] ?? .nan) - kl) < 1e-9)
            coefficient *= 1 + max(-0.2, min(0.2, kl / 0.01 - 1)) * 18 / 100
        }
        #expect(
            found.metrics[0]["stages/kl_coefficient"] != found.metrics[1]["stages/kl_coefficient"]
        )
    }

    @Test func `controllers set the objective's own coefficients`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.iterations = 3
        spec.objective = NamedParameters(name: "grpo", parameters: ["kl_coefficient": 0.5])
        var stages = StageSpec()
        stages.controllers = [
            NamedParameters(
                name: "adaptive_kl",
                parameters: ["variant": "rl4lms", "target": 0.01]
            ),
            NamedParameters(name: "adaptive_entropy", parameters: ["target": 100]),
        ]
        spec.stages = stages
        let found = try await outcome(spec, bench)
        let set = found.updates.map { $0.objective.parameters }
        #expect(set.count == 6)
        for iteration in 0..<3 {
            let metrics = found.metrics[iteration]
            for parameters in set[(2 * iteration)..<(2 * iteration + 2)] {
                let kl = parameters["kl_coefficient"]?.doubleValue
                #expect(kl == metrics["stages/kl_coefficient"])
                let entropy = parameters["entropy_coefficient"]?.doubleValue
                #expect(entropy == metrics["stages/entropy_coefficient"])
            }
        }
        #expect(found.metrics[0]["stages/kl_coefficient"] == 0.5)
        #expect(found.metrics[0]["stages/entropy_coefficient"] == 0)
        #expect(found.metrics[2]["stages/entropy_coefficient"] == 0.01)
        #expect(found.metrics[1]["stages/kl_coefficient"] != 0.5)
        #expect(found.updates.allSatisfy { $0.sequences.allSatisfy { $0.tokens.count > 3 } })
    }

    @Test func `a greedy completion of each prompt is compared with and never trained on`()
        async throws
    {
        let found = try await outcome("remax")
        #expect(found.rollouts.count == 2 * 3 * 7)
        #expect(found.updates.allSatisfy { $0.groups.allSatisfy { $0.completions.count == 6 } })
        for group in found.groups(1) {
            let greedy = try #require(group.last?.reward)
            #expect(group.last?.sampleIndex == 6)
            for record in group.dropLast() {
                let advantages = found.sequence(record)?.tokens["advantages"]?.elements
                let expected = max(-5, min(5, (record.reward ?? .nan) - greedy))
                #expect(advantages == [Float](repeating: Float(expected), count: 4))
            }
        }
        let rewards = found.groups(1).flatMap { $0.dropLast().compactMap(\.reward) }
        let mean = rewards.reduce(0, +) / Double(rewards.count)
        #expect(abs((found.metrics[0]["reward/mean"] ?? .nan) - mean) < 1e-12)
        #expect(found.metrics[0]["rollout/completions"] == 18)
    }

    @Test func `filters make smaller groups, and an iteration may be left with none`() async throws
    {
        let ends = try await outcome { $0.filters = [NamedParameters(name: "rank")] }
        #expect(ends.updates.map(\.groups.count) == [2, 1, 2, 1])
        #expect(ends.updates.allSatisfy { $0.groups.allSatisfy { $0.completions.count == 2 } })
        #expect(ends.metrics.allSatisfy { $0["rollout/filtered_completions"] == 12 })
        #expect(ends.metrics.allSatisfy { $0["rollout/filtered_groups"] == 0 })
        let none = try await outcome { stages in
            let range: Value = ["low": 1e6, "high": 2e6]
            stages.filters = [NamedParameters(name: "reward_range", parameters: range)]
        }
        #expect(none.updates.isEmpty && none.run.policyVersion == 0)
        #expect(none.metrics.allSatisfy { $0["rollout/filtered_groups"] == 3 })
    }

    @Test func `rewards are normalised by those of all iterations so far, then whitened`()
        async throws
    {
        let found = try await outcome("reinforce", advantage: "return_to_go") { stages in
            stages.rewards = [NamedParameters(name: "running_normalise")]
            stages.whiten = .batch
        }
        var seen: [Double] = []
        for iteration in 1...2 {
            let rewards = found.groups(iteration).joined().compactMap(\.reward)
            seen += rewards
            let moments = Moments(seen)
            let mean = rewards.reduce(0, +) / Double(rewards.count)
            let transformed = found.metrics[iteration - 1]["reward/transformed_mean"] ?? .nan
            #expect(abs(transformed - (mean - moments.mean) / moments.deviation) < 1e-9)
            let sum = found.groups(iteration).joined().compactMap { record in
                found.sequence(record)?.tokens["advantages"]?.elements.reduce(0, +)
            }.reduce(0, +)
            #expect(abs(sum) < 1e-3)
        }
    }

    @Test func `a constraint is learned against and its multiplier moves`() async throws {
        let found = try await outcome(advantage: "group_mean") { stages in
            let cost: Value = ["cost": "tokens", "limit": 3, "learning_rate": 0.5]
            stages.controllers = [NamedParameters(name: "lagrange", parameters: cost)]
        }
        #expect(found.metrics.allSatisfy { $0["rollout/cost"] == 4 })
        #expect(found.metrics[0]["stages/multiplier"] == 1)
        #expect(abs((found.metrics[1]["stages/multiplier"] ?? 0) - exp(0.5)) < 1e-12)
        for group in found.groups(1) {
            let mean = group.compactMap(\.reward).reduce(0, +) / 6
            for record in group {
                // All cost the same: the reward's advantages are halved.
                let expected = ((record.reward ?? .nan) - mean) / 2
                let advantage = found.sequence(record)?.tokens["advantages"]?.elements.first
                #expect(abs(Double(advantage ?? .nan) - expected) < 1e-5)
            }
        }
    }

    @Test func `objectives without advantages learn from transformed and filtered rewards`()
        async throws
    {
        let found = try await outcome("lipo_lambda") { stages in
            stages.rewards = [NamedParameters(name: "affine", parameters: ["scale": 2])]
            stages.filters = [NamedParameters(name: "truncated")]
        }
        for update in found.updates {
            #expect(update.groups.allSatisfy { $0.completions.count == 3 })
        }
        for record in found.groups(1).joined() where record.rollout.stopReason != .length {
            let sequence = try #require(found.sequence(record))
            #expect(sequence.scalars["reward"] == (record.reward ?? .nan) * 2)
            #expect(sequence.tokens["advantages"] == nil)
        }
    }
}
