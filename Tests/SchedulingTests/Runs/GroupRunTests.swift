import Domain
import Foundation
import Objectives
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct GroupRunTests {
    @Test func `a step takes whole groups with their standardised rewards`() async throws {
        let bench = try await Bench()
        let (run, updates) = try await bench.updates(bench.groups())
        #expect(run.state == .succeeded)
        // Three groups an iteration in minibatches of two.
        #expect(updates.map(\.groups.count) == [2, 1, 2, 1])
        let stored = try await bench.trained(1)
        for update in updates[..<2] {
            #expect(update.pairs.isEmpty)
            for (index, group) in update.groups.enumerated() {
                #expect(group.completions.count == 6)
                let sequences = update.sequences.filter { $0.group == index }
                let rewards = sequences.compactMap { $0.scalars["reward"] }
                let mean = rewards.reduce(0, +) / 6
                let squares = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                let deviation = (squares / 5).squareRoot()
                for sequence in sequences {
                    let reward = try #require(sequence.scalars["reward"])
                    let expected = Float((reward - mean) / (deviation + 1e-4))
                    #expect(
                        sequence.tokens["advantages"]?.elements
                            == [Float](repeating: expected, count: 4)
                    )
                    let tokens = group.completions[sequence.completion].elements
                    let record = try #require(
                        stored.first {
                            $0.rollout.completionTokens == tokens && $0.reward == reward
                        }
                    )
                    #expect(sequence.tokens["old_logprobs"]?.elements == record.rollout.logprobs)
                    #expect(
                        sequence.tokens["behavior_logprobs"]?.elements
                            == record.rollout.samplingLogprobs
                    )
                    #expect(
                        sequence.tokens["reference_logprobs"]?.elements
                            == record.rollout.referenceLogprobs
                    )
                }
            }
        }
    }

    @Test func `its metrics speak of groups, and no pair is stored`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.groups())
        let plane = try await bench.plane()
        let metrics = try #require(try await plane.metrics("one").last?.metrics)
        #expect(metrics["rollout/groups"] == 3)
        #expect(metrics["rollout/dropped_groups"] == 0)
        #expect(metrics["rollout/tied_groups"] == 0)
        #expect(metrics["rollout/staleness"] == 0)
        for name in ["reward/mean", "reward/std", "policy/loss", "policy/kl"] {
            #expect(metrics[name] != nil, "\(name)")
        }
        #expect(metrics["rollout/pairs"] == nil && metrics["reward/margin"] == nil)
        #expect(try await plane.pairs(run: "one").items.isEmpty)
    }

    @Test func `two groups of one prompt are compared each within itself`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.prompts = .items([.string("a")])
        spec.minibatchSize = 3
        let (_, updates) = try await bench.updates(spec)
        #expect(updates.map(\.groups.count) == [3, 3])
        #expect(updates.allSatisfy { $0.groups.allSatisfy { $0.completions.count == 6 } })
    }

    @Test func `a spec names the estimator, else the objective's paper does`() async throws {
        for (objective, advantage, isCentred) in [
            ("reinforce", nil, true), ("dr_grpo", nil, true), ("gspo", nil, true),
            ("dapo", "self_play_win_rate", false), ("lipo_lambda", nil, nil),
            ("value_loss", nil, nil),
        ] as [(String, String?, Bool?)] {
            let bench = try await Bench()
            var spec = bench.groups()
            spec.objective = NamedParameters(name: objective)
            spec.advantage = advantage.map { NamedParameters(name: $0) }
            let (run, updates) = try await bench.updates(spec)
            #expect(run.state == .succeeded, "\(objective): \(String(describing: run.error))")
            let sums = updates.compactMap { update -> Float? in
                let firsts = update.sequences.compactMap { $0.tokens["advantages"]?.elements.first }
                return firsts.isEmpty ? nil : firsts.reduce(0, +)
            }
            // Advantages of a group add up to nothing; chances of winning to half of its size.
            #expect(sums.isEmpty == (isCentred == nil), "\(objective)")
            for sum in sums { #expect((abs(sum) < 0.01) == isCentred, "\(objective): \(sum)") }
        }
    }

    @Test func `a value head's estimates give advantages and returns to every token`()
        async throws
    {
        let bench = try await Bench()
        var spec = bench.groups()
        let parameters: Value = ["value_coefficient": 0.5, "value_clip_range": 0.2]
        spec.objective = NamedParameters(name: "ppo", parameters: parameters)
        let parts: Value = ["gamma": 1, "gae_lambda": 1]
        spec.advantage = NamedParameters(name: "gae", parameters: parts)
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let sequences = updates.flatMap(\.sequences)
        #expect(!sequences.isEmpty)
        for sequence in sequences {
            let reward = Float(try #require(sequence.scalars["reward"]))
            let old = try #require(sequence.tokens["old_values"]).elements
            // With gamma and lambda 1 an advantage is the reward less the estimate.
            let advantages = try #require(sequence.tokens["advantages"]).elements
            for (advantage, value) in zip(advantages, old) {
                #expect(abs(advantage - (reward - value)) < 1e-5)
            }
            let returns = try #require(sequence.tokens["returns"]).elements
            #expect(returns.allSatisfy { abs($0 - reward) < 1e-5 })
        }
        // Asked once an iteration, before its first step, of the weights that the steps begin with.
        #expect(bench.launcher.requests.count { $0 == "logprobs" } == 2)
    }

    @Test func `an objective on labels learns from completions above and below the mean`()
        async throws
    {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.objective = NamedParameters(name: "kto")
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        for update in updates {
            for group in update.groups.indices {
                let sequences = update.sequences.filter { $0.group == group }
                let rewards = sequences.compactMap { $0.scalars["reward"] }
                let mean = rewards.reduce(0, +) / Double(rewards.count)
                #expect(sequences.allSatisfy { $0.label == (($0.scalars["reward"] ?? 0) > mean) })
            }
        }
    }

    @Test func `an exploring objective gets a third completion of each group`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.objective = NamedParameters(name: "xpo")
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        #expect(!updates.isEmpty)
        for update in updates {
            for pair in update.pairs {
                let third = try #require(pair.third)
                #expect(Set([pair.chosen, pair.rejected, third]).count == 3)
                #expect(update.sequences[third].group == update.sequences[pair.chosen].group)
            }
        }
    }

    private func record(_ group: Int, _ sample: Int, _ reward: Double?) -> RolloutRecord {
        let rollout = Rollout(
            promptTokens: [Int32(group)],
            completionTokens: [1, 2],
            text: "",
            logprobs: [-1, -1],
            samplingLogprobs: [-1, -1],
            policyVersion: 0,
            stopReason: .length
        )
        return RolloutRecord(
            id: group * 100 + sample,
            runID: "run-1",
            purpose: .training,
            iteration: 1,
            unit: 0,
            promptIndex: group,
            sampleIndex: sample,
            prompt: .text("\(group)"),
            rollout: rollout,
            scores: reward.map { [ScoreRecord(reward: ScoreRecord.trained, score: $0)] } ?? [],
            createdAt: .now
        )
    }

    @Test func `unscored completions leave their group, and groups of one are dropped`() throws {
        let scored = ScoredGroups([
            record(1, 1, 2), record(1, 0, 1), record(1, 2, nil), record(2, 0, 5),
            record(2, 1, nil), record(3, 0, 4), record(3, 1, 4), record(4, 0, .nan),
        ])
        #expect(scored.groups.map { $0.map(\.id) } == [[100, 101], [300, 301]])
        #expect(scored.droppedCount == 2)
        #expect(scored.tiedCount == 1)
        let needs = DataRequirements(.groups, [.reward])
        let lessons = Lessons(scored, needs: needs)
        #expect(lessons.elements.count == 2)
        #expect(lessons.members.allSatisfy { $0.tokens.isEmpty })
    }
}
