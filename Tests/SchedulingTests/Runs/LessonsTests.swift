import Domain
import Foundation
import Objectives
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct LessonsTests {
    private func record(
        _ prompt: Int,
        _ sample: Int,
        _ reward: Double? = nil,
        isData: Bool = false
    ) -> RolloutRecord {
        let rollout = Rollout(
            promptTokens: [1],
            completionTokens: [1, Int32(sample)],
            text: "",
            logprobs: isData ? [] : [-1, -2],
            samplingLogprobs: isData ? [] : [-3, -4],
            referenceLogprobs: [-5, -6],
            policyVersion: 4,
            stopReason: .length
        )
        return RolloutRecord(
            id: prompt * 100 + sample,
            runID: "run-1",
            purpose: isData ? .data : .training,
            iteration: 1,
            unit: 0,
            promptIndex: prompt,
            sampleIndex: sample,
            prompt: .text("same"),
            rollout: rollout,
            scores: reward.map { [ScoreRecord(reward: ScoreRecord.trained, score: $0)] } ?? [],
            createdAt: .now
        )
    }

    private let plan = BatchPlan(seed: 3)

    // MARK: - Online

    @Test func `win rates count the completion itself and are logistic in the rewards`() {
        let scores = GroupScores([1, 0, 0])
        let ahead = 1 / (1 + exp(-1.0))
        #expect(abs(scores.winRate(0) - (0.5 + 2 * ahead) / 3) < 1e-15)
        #expect(abs(scores.winRate(1) - (1 - ahead + 1) / 3) < 1e-15)
        let mean = (0..<3).map(scores.winRate).reduce(0, +) / 3
        #expect(abs(mean - 0.5) < 1e-15)
    }

    @Test func `labels are above or below the mean, and none at it`() {
        #expect((0..<3).map(GroupScores([0, 1, 0.5]).label) == [false, true, nil])
        #expect((0..<3).map(GroupScores([0.1, 0.1, 0.1]).label) == [nil, nil, nil])
    }

    @Test func `a label objective learns from the completions that deserve a label`() throws {
        let scored = ScoredGroups([
            record(0, 0, 0), record(0, 1, 2), record(0, 2, 1), record(1, 0, 3), record(1, 1, 3),
        ])
        let needs = DataRequirements(.sequences, [.label, .referenceLogprobs])
        let lessons = Lessons(scored, needs: needs)
        #expect(lessons.elements.count == 1)
        let batch = try lessons.batch([0], needs: needs, reference: .initial)
        #expect(batch.sequences.map(\.label) == [false, true])
        #expect(batch.sequences.map { $0.scalars["reward"] } == [0, 2])
    }

    @Test func `a pair knows what the rewards of its group say`() throws {
        let records = [record(0, 0, 1), record(0, 1, nil), record(0, 2, 0), record(0, 3, 0.5)]
        let stored = PairRecord(
            id: 1,
            runID: "run-1",
            iteration: 1,
            chosen: 0,
            rejected: 2,
            margin: 1
        )
        let needs = DataRequirements(
            .pairs,
            [.winRate, .stateValue, .preferenceProbability, .exploration]
        )
        let lessons = Lessons(records, pairs: [stored], needs: needs, plan: plan)
        let batch = try lessons.batch([0], needs: needs, reference: .initial)
        let pair = try #require(batch.pairs.first)
        #expect(pair.chosen == 0 && pair.rejected == 1 && pair.third == 2)
        #expect(abs((pair.preferenceProbability ?? 0) - 1 / (1 + exp(-1.0))) < 1e-15)
        #expect(batch.sequences[0].scalars["value"] == 0.5)
        #expect(batch.sequences[0].scalars["win_rate"] == GroupScores([1, 0, 0.5]).winRate(0))
        // The third is another completion of the group, the same at every reading.
        let third = batch.groups[0].completions[2].elements[1]
        #expect([1, 3].contains(third))
        let again = Lessons(records.reversed(), pairs: [stored], needs: needs, plan: plan)
        let second = try again.batch([0], needs: needs, reference: .initial)
        #expect(second.groups[0].completions[2].elements[1] == third)
    }

    // MARK: - Data

    private func element(_ prompt: String, _ rewards: Double...) -> DataElement {
        DataElement(
            prompt: .text(prompt),
            completions: rewards.map { DataCompletion(text: "", scalars: [.reward: $0]) },
            place: "f:1"
        )
    }

    @Test func `advantages compare sequences of one prompt, and lone ones with each other`() throws
    {
        let data = [element("a", 1), element("b", 5), element("a", 3), element("c", 9)]
        let needs = DataRequirements(.sequences, [.advantages, .oldLogprobs])
        let lessons = try Lessons(
            data.indices.map { record($0, 0, isData: true) },
            data: data,
            needs: needs,
            estimator: try AdvantageCatalogue.make(
                name: "group_mean",
                parameters: [:],
                path: "$"
            )
        )
        #expect(lessons.elements.count == 4)
        let batch = try lessons.batch([0, 1, 2, 3], needs: needs, reference: .initial)
        let advantages = batch.sequences.map { $0.tokens["advantages"]?.elements }
        #expect(advantages == [[-1, -1], [-2, -2], [1, 1], [2, 2]])
        // The policy that the run starts with counts as the one that wrote the file.
        #expect(batch.sequences.allSatisfy { $0.tokens["old_logprobs"]?.elements == [-5, -6] })
        #expect(batch.sequences.allSatisfy { $0.tokens["behavior_logprobs"] == nil })
        #expect(batch.sequences.allSatisfy { $0.policyVersion == nil })
    }

    @Test func `groups of a file stay groups, and pairs keep their third`() throws {
        let groups = [element("a", 1, 2), element("a", 3, 4)]
        let records = (0..<2).flatMap { group in
            (0..<2).map { record(group, $0, isData: true) }
        }
        let needs = DataRequirements(.groups, [.reward])
        let lists = try Lessons(records, data: groups, needs: needs, estimator: nil)
        let batch = try lists.batch([1, 0], needs: needs, reference: .initial)
        #expect(batch.groups.map(\.completions.count) == [2, 2])
        #expect(batch.sequences.map { $0.scalars["reward"] } == [3, 4, 1, 2])

        var pair = element("a", 1, 0, 0)
        pair.margin = 1
        pair.weight = 2
        let wanted = DataRequirements(.pairs, [.exploration])
        let pairs = try Lessons(
            (0..<3).map { record(0, $0, isData: true) },
            data: [pair],
            needs: wanted,
            estimator: nil
        )
        let step = try pairs.batch([0], needs: wanted, reference: .initial)
        let found = try #require(step.pairs.first)
        #expect(found.third == 2 && found.margin == 1 && found.weight == 2)
    }
}
