public import Domain
import Foundation

// What people are asked.
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
    /// completions of this iteration and of earlier ones that stands and was not learned from yet.
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
                WHERE run = ?1 AND iteration <= ?2 AND withdrawn_at IS NULL
                    AND kind IN ('pairwise', 'ranking', 'rating', 'binary')
                    AND number NOT IN (SELECT feedback FROM feedback_uses WHERE run = ?1)
                """,
                .integer(number),
                .integer(iteration)
            )
        }
    }

    /// Hands out the comparisons that tell most, none twice to one person, each for a time.
    ///
    /// What another has and did not answer in time is handed out again.
    public func lease(
        run: String?,
        annotator: String,
        count: Int,
        seconds: Double,
        swaps: (Int) -> Bool = { _ in Bool.random() }
    ) throws(HoneError) -> [AnnotationLease] {
        let number: Int? = if let run { try RunNumber.number(run) } else { nil }
        let ids = try connection.transaction { () throws(HoneError) -> [Int] in
            try freeItems(number, annotator, count).map { item throws(HoneError) in
                try connection.execute(
                    """
                    INSERT INTO annotation_leases
                        (item, annotator, swapped, state, leased_at, expires_at)
                    VALUES (?, ?, ?, 'open', ?, ?)
                    """,
                    .integer(item),
                    .text(annotator),
                    .integer(swaps(item) ? 1 : 0),
                    nowSeconds,
                    .real(now().timeIntervalSince1970 + seconds)
                )
                return connection.lastInsertedID
            }
        }
        var leases: [AnnotationLease] = []
        for id in ids { leases.append(try lease(id).lease) }
        return leases
    }

    private func freeItems(
        _ run: Int?,
        _ annotator: String,
        _ count: Int
    ) throws(HoneError) -> [Int] {
        let filter = run == nil ? "" : "run = ?3 AND"
        var arguments: [SQLValue] = [nowSeconds, .text(annotator)]
        if let run { arguments.append(.integer(run)) }
        return try connection.rows(
            """
            SELECT number FROM annotation_items AS items
            WHERE \(filter) closed = 0 AND answered < wanted
                AND answered + (SELECT COUNT(*) FROM annotation_leases
                    WHERE item = items.number AND state = 'open' AND expires_at > ?1) < wanted
                AND NOT EXISTS (SELECT 1 FROM annotation_leases
                    WHERE item = items.number AND annotator = ?2
                        AND state <> 'released' AND (state <> 'open' OR expires_at > ?1))
            ORDER BY information DESC, number LIMIT \(max(0, count))
            """,
            arguments
        ) { row throws(HoneError) in row.integer(0) }
    }

    private func lease(
        _ id: Int
    ) throws(HoneError) -> (lease: AnnotationLease, state: String, swapped: Bool, feedback: Int?) {
        let found = try connection.firstRow(
            """
            SELECT leases.item, items.run, items.iteration, leases.annotator, leases.expires_at,
                leases.state, leases.swapped, leases.feedback,
                one.id, one.text, two.id, two.text, prompts.body
            FROM annotation_leases AS leases
            JOIN annotation_items AS items ON items.number = leases.item
            JOIN rollouts AS one ON one.id = items.first
            JOIN rollouts AS two ON two.id = items.second
            JOIN prompts ON prompts.id = one.prompt
            WHERE leases.number = ?
            """,
            .integer(id)
        ) { row throws(HoneError) in
            let sides = [
                FeedbackSubject(rollout: row.integer(8), text: row.text(9)),
                FeedbackSubject(rollout: row.integer(10), text: row.text(11)),
            ]
            let swapped = row.integer(6) != 0
            let lease = AnnotationLease(
                id: id,
                item: row.integer(0),
                runID: row.optionalInteger(1).map(RunNumber.id),
                iteration: row.integer(2),
                annotator: row.text(3),
                prompt: try row.json(12),
                first: sides[swapped ? 1 : 0],
                second: sides[swapped ? 0 : 1],
                expiresAt: row.date(4)
            )
            return (lease, row.text(5), swapped, row.optionalInteger(7))
        }
        guard let found else { throw Self.noLease(id) }
        return found
    }

    /// Who has a comparison in their hands, or had.
    ///
    /// - Throws: `.notFound`.
    public func annotator(ofLease id: Int) throws(HoneError) -> String {
        try lease(id).lease.annotator
    }

    /// The error of a lease that is not there, or not for whoever asks.
    public static func noLease(_ id: Int) -> HoneError {
        HoneError(.notFound, "there is no lease \(id)", param: "\(id)")
    }

    /// Answers a leased comparison.
    ///
    /// `choice` is about the sides as they were shown; what is stored is
    /// about the completions. The same answer again changes nothing.
    ///
    /// `origin` says through which tool it came, and who judged there.
    /// - Throws: `.notFound`; `.conflict` for another answer to one that has been answered, and for one
    ///   that ran out and is with somebody else by now.
    public func answer(
        lease id: Int,
        choice: Verdict.Choice,
        strength: Double?,
        rationale: String?,
        seconds: Double?,
        origin: NewFeedback? = nil
    ) throws(HoneError) -> FeedbackRecord {
        let number = try connection.transaction { () throws(HoneError) -> Int in
            let (lease, state, swapped, known) = try lease(id)
            let value = swapped ? choice.swapped : choice
            if state == "answered", let known {
                guard try feedback(known).content.verdict.choice == value else {
                    throw HoneError(
                        .conflict,
                        "lease \(id) has been answered otherwise: correct feedback \(known)",
                        param: "\(id)"
                    )
                }
                return known
            }
            try requireOpen(lease, state)
            let sides = swapped ? [lease.second, lease.first] : [lease.first, lease.second]
            var new = NewFeedback(
                Verdict(kind: .pairwise, value: .string(value.rawValue), strength: strength),
                subjects: sides,
                source: "queue"
            )
            (new.annotator, new.rationale, new.seconds) = (lease.annotator, rationale, seconds)
            if let origin {
                (new.source, new.externalID) = (origin.source, origin.externalID)
                new.annotator = origin.annotator ?? new.annotator
            }
            let receipt = try insert(new, item: lease.item, swapped: swapped)
            try connection.execute(
                "UPDATE annotation_leases SET state = 'answered', feedback = ? WHERE number = ?",
                .integer(receipt.id),
                .integer(id)
            )
            try connection.execute(
                "UPDATE annotation_items SET answered = answered + 1 WHERE number = ?",
                .integer(lease.item)
            )
            return receipt.id
        }
        return try feedback(number)
    }

    private func requireOpen(_ lease: AnnotationLease, _ state: String) throws(HoneError) {
        // One that was taken back may be answered anew.
        guard state == "open" || state == "withdrawn" else {
            throw HoneError(
                .conflict,
                "lease \(lease.id) was \(state): lease again",
                param: "\(lease.id)"
            )
        }
        guard lease.expiresAt <= now() else { return }
        let others = try connection.firstRow(
            """
            SELECT (SELECT answered FROM annotation_items WHERE number = ?1) + COUNT(*),
                (SELECT wanted FROM annotation_items WHERE number = ?1)
            FROM annotation_leases
            WHERE item = ?1 AND number <> ?2 AND state = 'open' AND expires_at > ?3
            """,
            .integer(lease.item),
            .integer(lease.id),
            nowSeconds
        ) { row throws(HoneError) in (taken: row.integer(0), wanted: row.integer(1)) }
        guard let others, others.taken < others.wanted else {
            throw HoneError(
                .conflict,
                "lease \(lease.id) ran out and the comparison went to somebody else: lease again",
                param: "\(lease.id)"
            )
        }
    }

    /// Gives a comparison back unanswered.
    ///
    /// Twice is once. `again`: its holder may be asked again.
    /// - Throws: `.notFound`, `.conflict` when it has been answered.
    public func returnLease(_ id: Int, again: Bool = false) throws(HoneError) {
        try connection.transaction { () throws(HoneError) in
            let (_, state, _, _) = try lease(id)
            guard state != "answered" else {
                throw HoneError(
                    .conflict,
                    "lease \(id) has been answered: withdraw its feedback instead",
                    param: "\(id)"
                )
            }
            try connection.execute(
                "UPDATE annotation_leases SET state = ? WHERE number = ?",
                .text(again ? "released" : "returned"),
                .integer(id)
            )
        }
    }

    /// Comparisons that wait for an answer.
    public func openItems(run: String?) throws(HoneError) -> Int {
        let number: Int? = if let run { try RunNumber.number(run) } else { nil }
        let filter = number == nil ? "" : "run = ? AND"
        return try connection.rows(
            "SELECT COUNT(*) FROM annotation_items WHERE \(filter) closed = 0 AND answered < wanted",
            number.map { [.integer($0)] } ?? []
        ) { row throws(HoneError) in row.integer(0) }.first ?? 0
    }
}
