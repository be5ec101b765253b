public import Domain
import Foundation

// What people said.
extension DataStore {
    static let feedbackColumns = """
        number, run, iteration, kind, verdict, prompt, subjects, annotator, rationale, seconds,
        source, external_id, item, swapped, created_at, withdrawn_at, replaced_by,
        (SELECT truth FROM annotation_items WHERE annotation_items.number = feedback.item)
        """

    static func decodeFeedback(_ row: Row) throws(HoneError) -> FeedbackRecord {
        var content = NewFeedback(
            try row.json(4),
            prompt: try row.json(5),
            subjects: try row.json(6),
            source: row.text(10)
        )
        content.runID = row.optionalInteger(1).map(RunNumber.id)
        content.annotator = row.optionalText(7)
        content.rationale = row.optionalText(8)
        content.seconds = row.optionalReal(9)
        content.externalID = row.optionalText(11)
        var record = FeedbackRecord(id: row.integer(0), content: content, createdAt: row.date(14))
        record.iteration = row.optionalInteger(2)
        record.item = row.optionalInteger(12)
        record.swapped = row.optionalInteger(13).map { $0 != 0 }
        record.withdrawnAt = row.optionalDate(15)
        record.replacedBy = row.optionalInteger(16)
        record.truth = row.optionalText(17).flatMap(Verdict.Choice.init)
        return record
    }

    /// Stores verdicts, all or none; one whose source has given in its id before changes nothing.
    ///
    /// A verdict on stored completions belongs to the run and iteration that drew them.
    /// - Throws: `.unknownRollout`, `.unknownRun`, `.invalidRequest` for completions of several
    ///   prompts or runs; `param` is `items[k]`.
    public func insertFeedback(
        _ verdicts: [NewFeedback]
    ) throws(HoneError) -> [FeedbackReceipt] {
        try connection.transaction { () throws(HoneError) -> [FeedbackReceipt] in
            var receipts: [FeedbackReceipt] = []
            receipts.reserveCapacity(verdicts.count)
            for (place, verdict) in verdicts.enumerated() {
                do throws(HoneError) {
                    receipts.append(try insert(verdict))
                } catch {
                    throw HoneError(
                        error.code,
                        "item \(place): \(error.message)",
                        param: "$.items[\(place)]"
                    )
                }
            }
            return receipts
        }
    }

    func insert(
        _ new: NewFeedback,
        item: Int? = nil,
        swapped: Bool? = nil
    ) throws(HoneError) -> FeedbackReceipt {
        if let external = new.externalID, let known = try origin(new.source, external) {
            return FeedbackReceipt(id: known, isDuplicate: true)
        }
        let (content, iteration) = try completed(new)
        let run: Int? = if let id = content.runID { try RunNumber.number(id) } else { nil }
        if let run, try !isKnown(run: run) {
            throw HoneError(.unknownRun, "there is no run \"\(RunNumber.id(run))\"", param: "run")
        }
        try connection.execute(
            """
            INSERT INTO feedback (run, iteration, kind, verdict, prompt, subjects, annotator,
                rationale, seconds, source, external_id, item, swapped, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .optional(run),
            .optional(iteration),
            .text(content.verdict.kind.rawValue),
            .text(try StoredJSON.encode(content.verdict)),
            .text(try StoredJSON.encode(content.prompt)),
            .text(try StoredJSON.encode(content.subjects)),
            .optional(content.annotator),
            .optional(content.rationale),
            .optional(content.seconds),
            .text(content.source),
            .optional(content.externalID),
            .optional(item),
            .optional(swapped.map { $0 ? 1 : 0 }),
            nowSeconds
        )
        return FeedbackReceipt(id: connection.lastInsertedID, isDuplicate: false)
    }

    private func origin(_ source: String, _ external: String) throws(HoneError) -> Int? {
        try connection.firstRow(
            """
            SELECT number FROM feedback
            WHERE source = ? AND external_id = ? AND withdrawn_at IS NULL
            """,
            .text(source),
            .text(external)
        ) { row throws(HoneError) in row.integer(0) }
    }

    private func isKnown(run: Int) throws(HoneError) -> Bool {
        try connection.firstRow("SELECT 1 FROM runs WHERE number = ?", .integer(run)) {
            row throws(HoneError) in row.integer(0)
        } != nil
    }

    /// The verdict with the texts, prompt and run of its completions, and their iteration.
    private func completed(
        _ new: NewFeedback
    ) throws(HoneError) -> (NewFeedback, iteration: Int?) {
        guard new.subjects.contains(where: { $0.rollout != nil }) else { return (new, nil) }
        var content = new
        var first: (prompt: Int, run: Int?, iteration: Int)?
        for (place, subject) in new.subjects.enumerated() {
            guard let id = subject.rollout else {
                throw HoneError(.invalidRequest, "texts and rollout ids cannot be mixed")
            }
            let found = try connection.firstRow(
                "SELECT text, prompt, run, iteration FROM rollouts WHERE id = ?",
                .integer(id)
            ) { row throws(HoneError) in
                (row.text(0), row.integer(1), row.optionalInteger(2), row.integer(3))
            }
            guard let (text, prompt, run, iteration) = found else {
                throw HoneError(.unknownRollout, "there is no rollout \(id)", param: "rollout_ids")
            }
            if let first, first.prompt != prompt || first.run != run {
                throw HoneError(
                    .invalidRequest,
                    "rollouts \(new.subjects[0].rollout ?? 0) and \(id) do not answer the same prompt "
                        + "of the same run",
                    param: "rollout_ids"
                )
            }
            first = first ?? (prompt, run, iteration)
            content.subjects[place].text = text
        }
        guard let first else { return (content, nil) }
        if let run = first.run {
            let id = RunNumber.id(run)
            if let given = new.runID, given != id {
                throw HoneError(
                    .invalidRequest,
                    "the rollouts are of \(id), not \(given)",
                    param: "run"
                )
            }
            content.runID = id
        }
        let body = try connection.firstRow(
            "SELECT body FROM prompts WHERE id = ?",
            .integer(first.prompt)
        ) { row throws(HoneError) -> Prompt in try row.json(0) }
        content.prompt = body ?? content.prompt
        return (content, first.run == nil ? nil : first.iteration)
    }

    /// A verdict by id with what was learned from it.
    ///
    /// - Throws: `.notFound`.
    public func feedback(_ id: Int) throws(HoneError) -> FeedbackRecord {
        let found = try connection.firstRow(
            "SELECT \(Self.feedbackColumns) FROM feedback WHERE number = ?",
            .integer(id),
            decode: Self.decodeFeedback
        )
        guard let found else { throw Self.noFeedback(id) }
        return try withUses(found)
    }

    /// The error of a verdict that is not there, or not for whoever asks.
    public static func noFeedback(_ id: Int) -> HoneError {
        HoneError(.notFound, "there is no feedback \(id)", param: "\(id)")
    }

    private func withUses(_ record: FeedbackRecord) throws(HoneError) -> FeedbackRecord {
        var record = record
        record.uses = try connection.rows(
            "SELECT run, iteration FROM feedback_uses WHERE feedback = ? ORDER BY run, iteration",
            [.integer(record.id)]
        ) { row throws(HoneError) in
            FeedbackUse(runID: RunNumber.id(row.integer(0)), iteration: row.integer(1))
        }
        return record
    }

    /// Verdicts in the order they came; those taken back only when asked for, of all kinds unless some
    /// are named, and with `unusedBy` only those that a run has not learned from.
    public func feedback(
        run: String? = nil,
        iteration: Int? = nil,
        kinds: [Verdict.Kind] = [],
        annotator: String? = nil,
        source: String? = nil,
        includesWithdrawn: Bool = false,
        unusedBy user: String? = nil,
        after id: Int? = nil,
        limit: Int
    ) throws(HoneError) -> Page<FeedbackRecord> {
        var conditions = ["number > ?"]
        var arguments: [SQLValue] = [.integer(id ?? 0)]
        func require(_ column: String, _ value: SQLValue) {
            conditions.append("\(column) = ?")
            arguments.append(value)
        }
        if let run { require("run", .integer(try RunNumber.number(run))) }
        if let iteration { require("iteration", .integer(iteration)) }
        if !kinds.isEmpty {
            let places = kinds.map { _ in "?" }.joined(separator: ", ")
            conditions.append("kind IN (\(places))")
            arguments += kinds.map { .text($0.rawValue) }
        }
        if let annotator { require("annotator", .text(annotator)) }
        if let source { require("source", .text(source)) }
        if !includesWithdrawn { conditions.append("withdrawn_at IS NULL") }
        if let user {
            conditions.append("number NOT IN (SELECT feedback FROM feedback_uses WHERE run = ?)")
            arguments.append(.integer(try RunNumber.number(user)))
        }
        arguments.append(.onePast(limit))
        let found = try connection.rows(
            """
            SELECT \(Self.feedbackColumns) FROM feedback
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY number LIMIT ?
            """,
            arguments,
            Self.decodeFeedback
        )
        var records: [FeedbackRecord] = []
        for record in found.prefix(limit) { records.append(try withUses(record)) }
        return Page(items: records, hasMore: found.count > limit)
    }

    /// The verdict that a source gave in under an id of its own; `nil` when there is none that stands.
    public func feedback(source: String, externalID: String) throws(HoneError) -> FeedbackRecord? {
        try origin(source, externalID).map { id throws(HoneError) in try feedback(id) }
    }

    /// The verdicts that stand of what a source gave under one id.
    ///
    /// The first is under the id itself, further ones under `ID/1`, `ID/2` and so on. Those before
    /// `from` are left out.
    public func feedbackNumbers(
        source: String,
        externalID: String,
        from: Int = 0
    ) throws(HoneError) -> [Int] {
        let prefix = externalID + "/"
        let rows = try connection.rows(
            """
            SELECT number, external_id FROM feedback
            WHERE source = ?1 AND withdrawn_at IS NULL
                AND (external_id = ?2 OR external_id > ?3 AND external_id < ?4)
            ORDER BY number
            """,
            [.text(source), .text(externalID), .text(prefix), .text(externalID + "0")]
        ) { row throws(HoneError) in (row.integer(0), row.text(1)) }
        return rows.filter { _, id in
            let place = id == externalID ? 0 : Int(id.dropFirst(prefix.count))
            return place.map { $0 >= from } ?? false
        }.map(\.0)
    }

    /// Takes a verdict back: it is kept, and nothing further is learned from it.
    ///
    /// A comparison that it
    /// answered is asked again while its round is open.
    ///
    /// - Throws: `.notFound`.
    public func withdrawFeedback(_ id: Int) throws(HoneError) -> FeedbackRecord {
        try connection.transaction { () throws(HoneError) in try withdraw(id) }
        return try feedback(id)
    }

    private func withdraw(_ id: Int, replacedBy new: Int? = nil) throws(HoneError) {
        let record = try feedback(id)
        guard record.withdrawnAt == nil else { return }
        try connection.execute(
            "UPDATE feedback SET withdrawn_at = ?, replaced_by = ? WHERE number = ?",
            nowSeconds,
            .optional(new),
            .integer(id)
        )
        guard let item = record.item, new == nil else { return }
        try connection.execute(
            "UPDATE annotation_items SET answered = MAX(0, answered - 1) WHERE number = ?",
            .integer(item)
        )
        try connection.execute(
            """
            UPDATE annotation_leases SET state = 'withdrawn' WHERE item = ? AND feedback = ?
            """,
            .integer(item),
            .integer(id)
        )
    }

    /// Replaces a verdict by a corrected one of the same texts; the old one is kept as taken back.
    ///
    /// - Throws: `.notFound`, `.conflict` when it has been taken back.
    public func correctFeedback(
        _ id: Int,
        verdict: Verdict,
        rationale: String?
    ) throws(HoneError) -> FeedbackRecord {
        let new = try connection.transaction { () throws(HoneError) -> Int in
            let old = try feedback(id)
            guard old.withdrawnAt == nil else {
                throw HoneError(
                    .conflict,
                    "feedback \(id) has been \(old.replacedBy.map { "replaced by \($0)" } ?? "withdrawn")",
                    param: "\(id)"
                )
            }
            var content = old.content
            content.verdict = verdict
            content.rationale = rationale ?? content.rationale
            // The old one leaves its origin to the new one.
            try withdraw(id, replacedBy: 0)
            let new = try insert(content, item: old.item, swapped: old.swapped).id
            try connection.execute(
                "UPDATE feedback SET replaced_by = ? WHERE number = ?",
                .integer(new),
                .integer(id)
            )
            try connection.execute(
                "UPDATE annotation_leases SET feedback = ? WHERE feedback = ?",
                .integer(new),
                .integer(id)
            )
            return new
        }
        return try feedback(new)
    }

    /// Removes who an annotator was from all that they said; the verdicts themselves stay, without
    /// name and rationale.
    ///
    /// - Returns: how many verdicts there were.
    public func eraseAnnotator(_ name: String) throws(HoneError) -> Int {
        try connection.transaction { () throws(HoneError) -> Int in
            try connection.execute(
                "UPDATE feedback SET annotator = NULL, rationale = NULL WHERE annotator = ?",
                .text(name)
            )
            let count = connection.changeCount
            // A lease keeps a comparison from coming twice; a number nobody is known by does that, too.
            try connection.execute(
                "UPDATE annotation_leases SET annotator = 'erased-' || number WHERE annotator = ?",
                .text(name)
            )
            return count
        }
    }
}
