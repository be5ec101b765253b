import Domain
import Foundation
import Statistics
import Store

// People's verdicts on what an iteration drew.
extension RunDriver {
    /// How often the run looks whether it has been answered.
    private static let pause = Duration.milliseconds(250)

    /// Asks people for verdicts on the iteration's completions and waits for them, unless that is done
    /// already.
    ///
    /// What they said by then is what the iteration learns from, also when it is done again.
    func gatherLabels(_ iteration: Int) async throws(HoneError) {
        guard let feedback = spec.feedback, feedback.mode != .reward else { return }
        let store = context.store
        if let round = try await store.round(run: record.id, iteration: iteration) {
            if round.closedAt != nil { return }
            if isOver(round, feedback), feedback.onDeadline == .fail {
                try await store.restartRound(run: record.id, iteration: iteration)
            }
        } else {
            try await ask(iteration, feedback)
        }
        while let round = try await store.round(run: record.id, iteration: iteration),
            round.answered < round.wanted
        {
            if isOver(round, feedback) {
                try await miss(round, feedback, iteration)
                break
            }
            try await wait(Self.pause)
        }
        try await store.closeRound(run: record.id, iteration: iteration)
    }

    private func ask(_ iteration: Int, _ feedback: FeedbackSpec) async throws(HoneError) {
        let asked = try await context.store.askedTokens(
            run: record.id,
            before: iteration,
            limit: AnnotationChoice.memory
        )
        let choice = AnnotationChoice(
            spec: feedback,
            isPreference: inputs.isPreference,
            asked: asked.map(AnnotationChoice.bigrams)
        )
        let items = choice.items(
            try await drawnRollouts(iteration),
            random: plan.questions(iteration: iteration)
        )
        try await context.store.openRound(
            run: record.id,
            iteration: iteration,
            items: items,
            wanted: feedback.labelsPerItem
        )
        try await note(
            "iteration \(iteration): waits up to \(Int(feedback.waitSeconds)) s for verdicts on "
                + "\(items.count) comparisons: hone label --run \(spec.name)"
        )
    }

    private func isOver(_ round: AnnotationRound, _ feedback: FeedbackSpec) -> Bool {
        context.store.now().timeIntervalSince(round.openedAt) >= feedback.waitSeconds
    }

    private func miss(
        _ round: AnnotationRound,
        _ feedback: FeedbackSpec,
        _ iteration: Int
    ) async throws(HoneError) {
        let what =
            "\(round.answered) of \(round.wanted) verdicts came in \(Int(feedback.waitSeconds)) s"
        if feedback.onDeadline == .fail {
            // Not `deadlineExceeded`: that is a worker's, and would have the unit done again.
            throw HoneError(
                .conflict,
                "iteration \(iteration): \(what): resume the run when there are people, or write "
                    + "\"on_deadline\": \"continue\"",
                param: "$.feedback.wait_seconds"
            )
        }
        try await note("iteration \(iteration): \(what): it goes on with these")
    }

    /// Whether people judge completions of this run.
    var asksPeople: Bool { (spec.feedback?.mode ?? .reward) != .reward }

    /// What people said of an iteration's completions, as far as an iteration knows it: by the time it
    /// learned from them itself unless `knower` names a later one.
    func labels(_ iteration: Int, by knower: Int? = nil) async throws(HoneError) -> HumanLabels? {
        guard asksPeople else { return nil }
        let known = try await feedback(through: knower ?? iteration)
        return HumanLabels(
            known.filter { $0.iteration == iteration && $0.truth == nil },
            annotators: AnnotatorModel(known)
        )
    }

    /// Every verdict that an iteration and those before it have learned from.
    func feedback(through iteration: Int) async throws(HoneError) -> [FeedbackRecord] {
        try await context.store.feedbackUsed(run: record.id, through: iteration)
    }

    /// The records with people's scores in place of the reward's, where there are any; with people
    /// alone, the others are unscored.
    ///
    /// Beside a reward, a completion that nobody judged leaves a group that somebody did: the two
    /// scales cannot be compared.
    func judged(
        _ records: [RolloutRecord],
        _ iteration: Int
    ) async throws(HoneError) -> [RolloutRecord] {
        judged(records, by: try await labels(iteration))
    }

    private func judged(
        _ records: [RolloutRecord],
        by labels: HumanLabels?
    ) -> [RolloutRecord] {
        guard let feedback = spec.feedback, let labels else { return records }
        // Pairs keep the reward's scores beside people's pairs.
        if feedback.mode == .mixed && !inputs.learnsFromGroups { return records }
        let touched = Set(records.filter { labels.scores[$0.id] != nil }.map(\.promptIndex))
        return records.map { record in
            guard feedback.mode == .human || touched.contains(record.promptIndex) else {
                return record
            }
            var record = record
            record.scores.removeAll { $0.reward == ScoreRecord.trained }
            let score = labels.scores[record.id]
            record.scores.append(
                ScoreRecord(
                    reward: ScoreRecord.trained,
                    score: score,
                    components: score.map { ["human": $0] } ?? [:],
                    reason: score == nil ? "nobody judged it" : nil
                )
            )
            return record
        }
    }

    /// What completions of earlier iterations teach by verdicts that came too late for those: the pairs
    /// that people made, or whole groups with people's scores.
    func lateLessons(_ iteration: Int) async throws(HoneError) -> Lessons? {
        guard asksPeople else { return nil }
        let used = try await context.store.feedbackUsed(run: record.id, iteration: iteration)
        let late = Dictionary(
            grouping: used.filter { $0.truth == nil && ($0.iteration ?? iteration) < iteration }
        ) { $0.iteration ?? 0 }
        guard !late.isEmpty else { return nil }
        var all = Lessons()
        for past in late.keys.sorted() {
            let verdicts = late[past] ?? []
            _ = all.append(
                inputs.learnsFromGroups
                    ? try await lateGroups(verdicts, past, iteration)
                    : try await latePairs(verdicts, past, iteration)
            )
        }
        return all
    }

    private func latePairs(
        _ verdicts: [FeedbackRecord],
        _ past: Int,
        _ iteration: Int
    ) async throws(HoneError) -> Lessons {
        let annotators = AnnotatorModel(try await feedback(through: iteration))
        let pairs = HumanLabels(verdicts, annotators: annotators).pairs
        return Lessons(
            try await trainingRollouts(past),
            pairs: pairs.map { pair in
                PairRecord(
                    id: 0,
                    runID: record.id,
                    iteration: iteration,
                    chosen: pair.chosen,
                    rejected: pair.rejected,
                    margin: pair.margin
                )
            },
            certainty: HumanLabels.certainty(pairs),
            needs: inputs.objective,
            plan: plan,
            isPreference: inputs.isPreference
        )
    }

    /// The groups that somebody judged since, by all that is said of them now.
    private func lateGroups(
        _ verdicts: [FeedbackRecord],
        _ past: Int,
        _ iteration: Int
    ) async throws(HoneError) -> Lessons {
        let subjects = Set(verdicts.flatMap { $0.content.subjects.compactMap(\.rollout) })
        let drawn = try await drawnRollouts(past)
        let places = Set(drawn.filter { subjects.contains($0.id) }.map(\.promptIndex))
        let labels = try await labels(past, by: iteration)
        let groups = judged(drawn.filter { places.contains($0.promptIndex) }, by: labels)
        return try await groupLessons(groups, past, late: iteration - past)
    }
}
