import Domain
import Rewards
import Statistics
import WorkerProtocol

/// Does one evaluation from its first unit to its report.
///
/// The same order on the same weights gives the same report.
struct EvaluationRunner: Sendable {
    let order: EvaluationOrder
    let data: EvaluationData
    let models: [EvaluatedModel]
    let rewards: [EvaluationReward]
    let host: any EvaluationHost

    /// Told after each unit: how many are done, of how many.
    typealias Progress = @Sendable (Int, Int) async throws(HoneError) -> Void

    /// Texts scored in one request.
    static let textsPerUnit = 256

    /// Counts the units of one run.
    private struct Counter {
        var completed = 0
        let total: Int
        let progress: Progress

        mutating func advance() async throws(HoneError) {
            completed += 1
            try await progress(completed, total)
            if Task.isCancelled { throw HoneError(.conflict, "the evaluation was cancelled") }
        }
    }

    /// Units of sampling and of scoring.
    var unitCount: Int {
        let sampling = BatchPlan.unitCount(
            prompts: data.prompts.count,
            groupSize: order.groupSize
        )
        let pairs = rewards.reduce(0) { $0 + Self.units(judgedGroups($1).map(\.count)).count }
        return models.count * sampling * (1 + rewards.count) + pairs
            + rewards.count * Self.units(data.texts.map(\.completions.count)).count
    }

    /// Does it all.
    func run(_ progress: @escaping Progress) async throws(HoneError) -> EvaluationReport {
        var counter = Counter(total: unitCount, progress: progress)
        try await progress(0, unitCount)
        var report = EvaluationReport()
        var evaluated: [[EvaluatedGroup]] = []
        for model in models { evaluated.append(try await groups(of: model, &counter)) }
        for reward in rewards {
            if reward.isPreference && evaluated.count == 2 {
                try await compare(reward, &evaluated, &counter)
            } else {
                for place in evaluated.indices {
                    try await score(reward, &evaluated[place], &counter)
                }
            }
        }
        for (model, groups) in zip(models, evaluated) {
            report.models.append(ModelMeasurement(model, groups, rewards: rewards, order: order))
        }
        if evaluated.count == 2 {
            report.comparisons = rewards.indices.compactMap { reward in
                ModelComparison(
                    reward: reward,
                    rewards[reward],
                    models: models.map(\.name),
                    evaluated[0],
                    evaluated[1],
                    seed: order.seed
                )
            }
        }
        for reward in rewards where !data.pairs.isEmpty {
            report.rewards.append(try await measured(reward, &counter))
        }
        let texts = try await scoredTexts(&counter) + evaluated.joined().map(ScoredTexts.init)
        if !texts.isEmpty { report.agreements = agreements(texts) }
        return report
    }

    // MARK: Models

    /// The units of the prompts: as many at a time as a run samples at a time.
    private var promptUnits: [Range<Int>] {
        let count = data.prompts.count
        return (0..<BatchPlan.unitCount(prompts: count, groupSize: order.groupSize)).map {
            BatchPlan.places(ofUnit: $0, prompts: count, groupSize: order.groupSize)
        }
    }

    private func groups(
        of model: EvaluatedModel,
        _ counter: inout Counter
    ) async throws(HoneError) -> [EvaluatedGroup] {
        var groups: [EvaluatedGroup] = []
        for places in promptUnits {
            groups += try await drawn(model, places)
            try await counter.advance()
        }
        return groups
    }

    private func score(
        _ reward: EvaluationReward,
        _ groups: inout [EvaluatedGroup],
        _ counter: inout Counter
    ) async throws(HoneError) {
        for places in promptUnits {
            let scores = try await host.score(reward, groups[places].map(\.inputs))
            for (place, found) in zip(places, scores) { groups[place].scores.append(found) }
            try await counter.advance()
        }
    }

    /// Has a reward that compares judge each completion against the other model's of the same number.
    private func compare(
        _ reward: EvaluationReward,
        _ evaluated: inout [[EvaluatedGroup]],
        _ counter: inout Counter
    ) async throws(HoneError) {
        for places in promptUnits {
            let pairs = places.flatMap { place in
                zip(evaluated[0][place].inputs, evaluated[1][place].inputs).map { [$0, $1] }
            }
            var scores = try await host.score(reward, pairs)[...]
            for place in places {
                let own = scores.prefix(order.groupSize)
                scores = scores.dropFirst(order.groupSize)
                for side in evaluated.indices {
                    evaluated[side][place].scores.append(own.map { $0[side] })
                }
            }
            // It counts as a unit of each model.
            try await counter.advance()
            try await counter.advance()
        }
    }

    private func drawn(
        _ model: EvaluatedModel,
        _ places: Range<Int>
    ) async throws(HoneError) -> [EvaluatedGroup] {
        let prompts = Array(data.prompts[places])
        let sampled = try await host.draw(
            model,
            WorkerRequest.Sample(
                prompts: prompts,
                promptStreams: Array(places),
                groupSize: order.groupSize,
                sampling: order.sampling,
                seed: order.seed,
                includesReference: model.reference != nil
            )
        )
        let figures = try await host.measure(
            model,
            WorkerRequest.Measure(
                groups: sampled.map { group in
                    WorkerRequest.SequenceGroup(
                        promptTokens: group.promptTokens,
                        completions: group.completions.map(\.tokens)
                    )
                },
                comparesReference: model.reference != nil
            )
        )
        return zip(prompts, zip(sampled, figures)).map { prompt, found in
            EvaluatedGroup(prompt: prompt, rollouts: found.0.rollouts, figures: found.1)
        }
    }

    // MARK: Rewards

    /// What a reward is asked for to judge the pairs: each text once, or the pairs themselves where
    /// it compares.
    private func judgedGroups(_ reward: EvaluationReward) -> [[RewardInput]] {
        if reward.isPreference { return data.pairs.map(\.inputs) }
        var seen: Set<RewardInput> = []
        return data.pairs.flatMap(\.inputs).filter { seen.insert($0).inserted }.map { [$0] }
    }

    private func measured(
        _ reward: EvaluationReward,
        _ counter: inout Counter
    ) async throws(HoneError) -> RewardMeasurement {
        let groups = judgedGroups(reward)
        var scores: [[RewardInput]: [Double?]] = [:]
        for unit in Self.units(groups.map(\.count)) {
            let found = try await host.score(reward, Array(groups[unit]))
            for (group, values) in zip(groups[unit], found) { scores[group] = values }
            try await counter.advance()
        }
        let judged = data.pairs.compactMap { pair in
            let inputs = pair.inputs
            let values = scores[inputs] ?? inputs.map { input in scores[[input]]?[0] ?? nil }
            return Self.judged(pair, values, reward)
        }
        return RewardMeasurement(
            reward: reward.name,
            pairs: judged.count,
            unscored: data.pairs.count - judged.count,
            figures: RewardAccuracy(judged)
        )
    }

    private static func judged(
        _ pair: LabelledPair,
        _ scores: [Double?],
        _ reward: EvaluationReward
    ) -> JudgedPair? {
        guard let chosen = scores[0], let rejected = scores[1] else { return nil }
        let lengths = [pair.chosen, pair.rejected].map { Double($0.unicodeScalars.count) }
        guard reward.isPreference else {
            return JudgedPair(
                chosen: chosen,
                rejected: rejected,
                margin: pair.margin,
                chosenLength: lengths[0],
                rejectedLength: lengths[1]
            )
        }
        return JudgedPair(
            lead: chosen - rejected,
            probability: 0.5 + (chosen - rejected) / 2,
            margin: pair.margin,
            chosenLength: lengths[0],
            rejectedLength: lengths[1]
        )
    }

    // MARK: Texts

    /// Whole prompts, so many at a time that their texts fill a unit.
    private static func units(_ counts: [Int]) -> [Range<Int>] {
        var units: [Range<Int>] = []
        var (first, size) = (0, 0)
        for (place, count) in counts.enumerated() {
            if place > first && size + count > textsPerUnit {
                units.append(first..<place)
                (first, size) = (place, 0)
            }
            size += count
        }
        return counts.isEmpty ? [] : units + [first..<counts.count]
    }

    private func scoredTexts(_ counter: inout Counter) async throws(HoneError) -> [ScoredTexts] {
        var texts = data.texts
        for reward in rewards {
            for unit in Self.units(texts.map(\.completions.count)) {
                let scores = try await host.score(reward, texts[unit].map(\.inputs))
                for (place, found) in zip(unit, scores) { texts[place].scores.append(found) }
                try await counter.advance()
            }
        }
        return texts
    }

    private func agreements(_ texts: [ScoredTexts]) -> [RewardAgreement] {
        rewards.indices.flatMap { first in
            rewards.indices.dropFirst(first + 1).map { second in
                RewardAgreement(texts, first: first, second: second, names: rewards.map(\.name))
            }
        }
    }
}

extension ScoredTexts {
    /// One model's completions of a prompt.
    init(_ group: EvaluatedGroup) {
        prompt = group.prompt.rewardText
        completions = group.rollouts.map(\.text)
        scores = group.scores
    }
}
