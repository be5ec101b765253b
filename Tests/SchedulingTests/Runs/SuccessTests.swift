import Domain
import Foundation
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct SuccessTests {
    private func record(
        _ group: Int,
        _ sample: Int,
        _ reward: Double?,
        _ iteration: Int = 1
    ) -> RolloutRecord {
        let rollout = Rollout(
            promptTokens: [1],
            completionTokens: [Int32(group), Int32(sample)],
            text: "\(iteration) \(group) \(sample)",
            logprobs: [-1, -1],
            samplingLogprobs: [-1, -1],
            policyVersion: iteration,
            stopReason: .endToken
        )
        return RolloutRecord(
            id: iteration * 1000 + group * 100 + sample,
            runID: "run-1",
            purpose: .training,
            iteration: iteration,
            unit: 0,
            promptIndex: group,
            sampleIndex: sample,
            prompt: .text("prompt \(group)"),
            rollout: rollout,
            scores: reward.map { [ScoreRecord(reward: ScoreRecord.trained, score: $0)] } ?? [],
            createdAt: .now
        )
    }

    private func random(_ place: Int) -> PhiloxSequence { PhiloxSequence(seed: UInt64(place)) }

    private let limits = MixSpec.Successes(size: 2, minimumReward: 0.1)

    @Test func `a group that failed whole has a success in place of its first completion`() throws {
        var buffer = SuccessBuffer(limits)
        buffer.add([record(0, 0, 1), record(0, 1, 0), record(1, 0, 0.1), record(2, 0, 1)])
        let fresh = [
            record(0, 1, 0, 2), record(0, 0, nil, 2), record(1, 0, 0, 2), record(1, 1, 0, 2),
            record(2, 0, 0, 2), record(2, 1, 0.5, 2),
        ]
        let (found, count) = buffer.substituted(fresh, random: random)
        #expect(count == 1)
        // Of the first prompt one succeeded before; of the second none has; the third has not failed.
        #expect(
            found.map(\.rollout.text) == ["2 0 1", "1 0 0", "2 1 0", "2 1 1", "2 2 0", "2 2 1"]
        )
        let success = found[1]
        #expect((success.id, success.promptIndex, success.sampleIndex) == (2000, 0, 0))
        #expect(success.reward == 1 && success.rollout.policyVersion == 1 && success.iteration == 1)
    }

    @Test func `groups without any score are left alone`() {
        var buffer = SuccessBuffer(limits)
        buffer.add([record(0, 0, 1)])
        let fresh = [record(0, 0, nil, 2), record(0, 1, .nan, 2)]
        #expect(buffer.substituted(fresh, random: random).count == 0)
    }

    @Test func `the newest successes of a prompt are kept`() {
        var buffer = SuccessBuffer(limits)
        buffer.add((0..<3).map { record(0, $0, 1) })
        let texts = (0..<64).map { seed in
            buffer.substituted([record(0, 0, 0, 2)]) { _ in PhiloxSequence(seed: UInt64(seed)) }
                .rollouts[0].rollout.text
        }
        #expect(Set(texts) == ["1 0 1", "1 0 2"])
    }

    @Test func `a run learns from successes of earlier iterations where all have failed`()
        async throws
    {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.evaluation = nil
        spec.iterations = 6
        spec.prompts = .items(["a", "b", "c"])
        spec.mix = MixSpec()
        spec.mix?.successes = .init(size: 8, minimumReward: 8.5)
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let plane = try await bench.plane()
        let counts = try await plane.metrics("one").map {
            $0.metrics["rollout/replayed_successes"] ?? -1
        }
        #expect(counts[0] == 0 && counts.max() ?? 0 > 0, "\(counts)")
        var substituted = 0.0
        for update in updates {
            for group in update.groups.indices {
                let sequences = update.sequences.filter { $0.group == group }
                let newest = sequences.compactMap(\.policyVersion).max()
                let old = sequences.filter { $0.policyVersion != newest }
                guard let success = old.first else { continue }
                substituted += 1
                #expect(old.count == 1 && (success.scalars["reward"] ?? 0) > 8.5)
                #expect(sequences.count { ($0.scalars["reward"] ?? 0) > 8.5 } == 1)
                // Its advantage is that of the best of the group it stands in.
                let advantages = sequences.compactMap { $0.tokens["advantages"]?.elements.first }
                #expect(success.tokens["advantages"]?.elements.first == advantages.max())
                #expect(abs(advantages.reduce(0, +)) < 1e-4)
            }
        }
        #expect(substituted == counts.reduce(0, +))
    }
}
