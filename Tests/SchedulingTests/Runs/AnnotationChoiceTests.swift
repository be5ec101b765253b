import Domain
import Foundation
import Store
import Testing

@testable import Scheduling

struct AnnotationChoiceTests {
    /// A completion of a prompt; `surprise` is −log p of each of its tokens.
    private func rollout(
        _ id: Int,
        prompt: Int,
        tokens: [Int32],
        score: Double,
        surprise: Float = 1
    ) -> RolloutRecord {
        var record = RolloutRecord(
            id: id,
            runID: "run-1",
            purpose: .training,
            iteration: 1,
            unit: 0,
            promptIndex: prompt,
            sampleIndex: id,
            prompt: .text("p"),
            rollout: Rollout(
                promptTokens: [1],
                completionTokens: tokens,
                text: "\(tokens)",
                logprobs: tokens.map { _ in -surprise },
                samplingLogprobs: tokens.map { _ in -surprise },
                policyVersion: 0,
                stopReason: .length
            ),
            createdAt: Date(timeIntervalSince1970: 0)
        )
        record.scores = [ScoreRecord(reward: ScoreRecord.trained, score: score)]
        return record
    }

    private func chosen(
        _ rollouts: [RolloutRecord],
        budget: Int,
        asked: [Set<UInt64>] = [],
        _ change: (inout FeedbackSpec) -> Void = { _ in }
    ) -> [[Int]] {
        var spec = FeedbackSpec(mode: .mixed, labelBudget: budget, randomShare: 0)
        spec.information.reward = 0
        spec.information.policy = 0
        spec.information.novelty = 0
        change(&spec)
        let choice = AnnotationChoice(spec: spec, isPreference: false, asked: asked)
        return choice.items(rollouts, random: PhiloxSequence(seed: 1)).map {
            [$0.first, $0.second]
        }
    }

    /// Three prompts of two completions each.
    private var rollouts: [RolloutRecord] {
        [
            rollout(1, prompt: 0, tokens: [1, 2, 3], score: 0, surprise: 1),
            rollout(2, prompt: 0, tokens: [4, 5, 6], score: 3, surprise: 1),
            rollout(3, prompt: 1, tokens: [1, 2, 3], score: 0, surprise: 3),
            rollout(4, prompt: 1, tokens: [4, 5, 7], score: 2, surprise: 3),
            rollout(5, prompt: 2, tokens: [8, 9], score: 0, surprise: 2),
            rollout(6, prompt: 2, tokens: [9, 8], score: 1, surprise: 2),
        ]
    }

    @Test func `by the reward those come first whose scores are nearest`() {
        #expect(chosen(rollouts, budget: 2) { $0.information.reward = 1 } == [[5, 6], [3, 4]])
    }

    @Test func `of an ensemble those that its members disagree on before those that are nearer`() {
        var known = rollouts
        for place in known.indices {
            // Nearest scores, and all members of one mind; farther, and of several.
            known[place].scores[0].uncertainty = known[place].promptIndex == 1 ? 4 : 0.01
        }
        #expect(chosen(known, budget: 1) { $0.information.reward = 1 } == [[3, 4]])
    }

    @Test func `by the policy those come first that it was least sure of`() {
        #expect(chosen(rollouts, budget: 2) { $0.information.policy = 1 } == [[3, 4], [5, 6]])
    }

    @Test func `by novelty what is like something asked before comes last`() {
        let asked = [AnnotationChoice.bigrams([[1, 2, 3], [4, 5, 6]])]
        let found = chosen(rollouts, budget: 3, asked: asked) { $0.information.novelty = 1 }
        #expect(found == [[5, 6], [3, 4], [1, 2]])
        // What was chosen a moment ago counts, too: of two that are alike only one is early.
        let again = chosen(rollouts, budget: 3) {
            $0.information.novelty = 1
            $0.information.reward = 0.1
        }
        #expect(again.first == [5, 6] && Set(again) == [[1, 2], [3, 4], [5, 6]])
    }

    @Test func `at random it is the same for one seed`() {
        let once = chosen(rollouts, budget: 2) { $0.selection = .random }
        #expect(once.count == 2 && once == chosen(rollouts, budget: 2) { $0.selection = .random })
    }
}
