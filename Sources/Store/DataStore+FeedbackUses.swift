public import Domain

// What has been learned from what people said.
extension DataStore {
    /// Which verdicts each iteration of a run learned from, by iteration.
    public func feedbackUses(run: String) throws(HoneError) -> [Int: [Int]] {
        let rows = try connection.rows(
            "SELECT iteration, feedback FROM feedback_uses WHERE run = ? ORDER BY iteration, feedback",
            [.integer(try RunNumber.number(run))]
        ) { row throws(HoneError) in (row.integer(0), row.integer(1)) }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    /// Keeps that a run has learned from verdicts in an iteration.
    public func useFeedback(
        _ ids: [Int],
        run: String,
        iteration: Int
    ) throws(HoneError) {
        guard !ids.isEmpty else { return }
        let number = try RunNumber.number(run)
        try connection.transaction { () throws(HoneError) in
            for id in ids {
                try connection.execute(
                    "INSERT OR IGNORE INTO feedback_uses (run, iteration, feedback) VALUES (?, ?, ?)",
                    .integer(number),
                    .integer(iteration),
                    .integer(id)
                )
            }
        }
    }

    /// Forgets what a run learned from after an iteration: it goes on from there, without those steps.
    public func forgetFeedbackUses(run: String, after iteration: Int) throws(HoneError) {
        try connection.execute(
            "DELETE FROM feedback_uses WHERE run = ? AND iteration > ?",
            .integer(try RunNumber.number(run)),
            .integer(iteration)
        )
    }

    /// Keeps that a fork has learned from what its origin did up to an iteration.
    public func copyFeedbackUses(
        from origin: String,
        through iteration: Int,
        to run: String
    ) throws(HoneError) {
        try connection.execute(
            """
            INSERT OR IGNORE INTO feedback_uses (run, iteration, feedback)
            SELECT ?, iteration, feedback FROM feedback_uses WHERE run = ? AND iteration <= ?
            """,
            .integer(try RunNumber.number(run)),
            .integer(try RunNumber.number(origin)),
            .integer(iteration)
        )
    }

    /// The verdicts that an iteration learns from, without their uses.
    public func feedbackUsed(run: String, iteration: Int) throws(HoneError) -> [FeedbackRecord] {
        try connection.rows(
            """
            SELECT \(Self.feedbackColumns) FROM feedback WHERE number IN
                (SELECT feedback FROM feedback_uses WHERE run = ? AND iteration = ?)
            ORDER BY number
            """,
            [.integer(try RunNumber.number(run)), .integer(iteration)],
            Self.decodeFeedback
        )
    }

    /// The verdicts that a run's iterations have learned from up to one, each once, without their uses.
    ///
    /// What was withdrawn or corrected before that iteration's questions were closed is left out.
    public func feedbackUsed(
        run: String,
        through iteration: Int
    ) throws(HoneError) -> [FeedbackRecord] {
        try connection.rows(
            """
            SELECT \(Self.feedbackColumns) FROM feedback WHERE number IN
                (SELECT feedback FROM feedback_uses WHERE run = ?1 AND iteration <= ?2)
                AND (withdrawn_at IS NULL OR withdrawn_at > coalesce(
                    (SELECT closed_at FROM annotation_rounds WHERE run = ?1 AND iteration = ?2), 0))
            ORDER BY number
            """,
            [.integer(try RunNumber.number(run)), .integer(iteration)],
            Self.decodeFeedback
        )
    }

    /// Verdicts on two stored completions that stand, with those on comparisons whose answer is known.
    public func comparisons(run: String?) throws(HoneError) -> [StoredComparison] {
        let number: Int? = if let run { try RunNumber.number(run) } else { nil }
        let filter = number == nil ? "" : "(run = ?1 OR \(Self.isGold)) AND"
        let found = try connection.rows(
            """
            SELECT annotator, verdict, subjects,
                (SELECT truth FROM annotation_items WHERE annotation_items.number = feedback.item)
            FROM feedback
            WHERE \(filter) kind = 'pairwise' AND withdrawn_at IS NULL ORDER BY number
            """,
            number.map { [.integer($0)] } ?? []
        ) { row throws(HoneError) -> StoredComparison? in
            let verdict: Verdict = try row.json(1)
            let subjects: [FeedbackSubject] = try row.json(2)
            let ids = subjects.compactMap(\.rollout)
            guard ids.count == 2, let choice = verdict.choice else { return nil }
            func isLow(_ choice: Verdict.Choice) -> Bool? {
                switch choice {
                case .first: ids[0] < ids[1]
                case .second: ids[0] > ids[1]
                case .tie, .bothBad: nil
                }
            }
            return StoredComparison(
                annotator: row.optionalText(0),
                low: min(ids[0], ids[1]),
                high: max(ids[0], ids[1]),
                prefersLow: isLow(choice),
                strength: verdict.strength ?? 1,
                lowIsBetter: row.optionalText(3).flatMap(Verdict.Choice.init).flatMap(isLow)
            )
        }
        return found.compactMap(\.self)
    }
}
