public import Domain
import Foundation

// The questions of a run's iterations.
extension DataStore {
    /// Opens an iteration's questions, unless that is done already.
    ///
    /// `items` are comparisons of completions that the run has drawn, `wanted` the verdicts on each, each
    /// by another person.
    public func openRound(
        run: String,
        iteration: Int,
        items: [NewAnnotationItem],
        wanted: Int
    ) throws(HoneError) {
        let number = try RunNumber.number(run)
        try connection.transaction { () throws(HoneError) in
            try connection.execute(
                """
                INSERT OR IGNORE INTO annotation_rounds (run, iteration, opened_at) VALUES (?, ?, ?)
                """,
                .integer(number),
                .integer(iteration),
                nowSeconds
            )
            guard connection.changeCount > 0 else { return }
            for item in items {
                try connection.execute(
                    """
                    INSERT OR IGNORE INTO annotation_items
                        (run, iteration, first, second, information, wanted)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                    .integer(number),
                    .integer(iteration),
                    .integer(item.first),
                    .integer(item.second),
                    .real(item.information),
                    .integer(wanted)
                )
            }
        }
    }

    /// The completions' tokens of what a run asked in the iterations before one: the newest, oldest
    /// first.
    public func askedTokens(
        run: String,
        before iteration: Int,
        limit: Int
    ) throws(HoneError) -> [[[Int32]]] {
        let found = try connection.rows(
            """
            SELECT one.completion_tokens, two.completion_tokens FROM annotation_items AS items
            JOIN rollouts AS one ON one.id = items.first
            JOIN rollouts AS two ON two.id = items.second
            WHERE items.run = ? AND items.iteration < ? AND items.truth IS NULL
            ORDER BY items.number DESC LIMIT ?
            """,
            [.integer(try RunNumber.number(run)), .integer(iteration), .integer(limit)]
        ) { row throws(HoneError) -> [[Int32]] in [try row.packed(0), try row.packed(1)] }
        return found.reversed()
    }

    /// Gives an iteration that waits a new time to wait, from now.
    public func restartRound(run: String, iteration: Int) throws(HoneError) {
        try connection.execute(
            """
            UPDATE annotation_rounds SET opened_at = ?
            WHERE run = ? AND iteration = ? AND closed_at IS NULL
            """,
            nowSeconds,
            .integer(try RunNumber.number(run)),
            .integer(iteration)
        )
    }

    /// How far an iteration's questions are; `nil` before they are opened.
    public func round(run: String, iteration: Int) throws(HoneError) -> AnnotationRound? {
        let number = try RunNumber.number(run)
        return try connection.firstRow(
            """
            SELECT opened_at, closed_at,
                (SELECT COALESCE(SUM(wanted), 0) FROM annotation_items
                    WHERE run = rounds.run AND iteration = rounds.iteration),
                (SELECT COALESCE(SUM(MIN(answered, wanted)), 0) FROM annotation_items
                    WHERE run = rounds.run AND iteration = rounds.iteration)
            FROM annotation_rounds AS rounds WHERE run = ? AND iteration = ?
            """,
            .integer(number),
            .integer(iteration)
        ) { row throws(HoneError) in
            AnnotationRound(
                openedAt: row.date(0),
                closedAt: row.optionalDate(1),
                wanted: row.integer(2),
                answered: row.integer(3)
            )
        }
    }

    /// Closes an iteration's questions and keeps what it learns from: every verdict on the run's
    /// completions of this iteration and of earlier ones that stands and was not learned from yet, and
    /// the answers to comparisons whose answer is known.
    ///
    /// Closed a second time it changes nothing.
    public func closeRound(run: String, iteration: Int) throws(HoneError) {
        let number = try RunNumber.number(run)
        try connection.transaction { () throws(HoneError) in
            try connection.execute(
                """
                UPDATE annotation_rounds SET closed_at = ?
                WHERE run = ? AND iteration = ? AND closed_at IS NULL
                """,
                nowSeconds,
                .integer(number),
                .integer(iteration)
            )
            guard connection.changeCount > 0 else { return }
            try connection.execute(
                "UPDATE annotation_items SET closed = 1 WHERE run = ? AND iteration = ?",
                .integer(number),
                .integer(iteration)
            )
            try connection.execute(
                """
                INSERT INTO feedback_uses (run, iteration, feedback)
                SELECT ?1, ?2, number FROM feedback
                WHERE ((run = ?1 AND iteration <= ?2) OR \(Self.isGold))
                    AND withdrawn_at IS NULL
                    AND kind IN ('pairwise', 'ranking', 'rating', 'binary')
                    AND number NOT IN (SELECT feedback FROM feedback_uses WHERE run = ?1)
                """,
                .integer(number),
                .integer(iteration)
            )
        }
    }
}
