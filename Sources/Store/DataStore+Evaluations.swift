public import Domain

extension DataStore {
    private static let evaluationColumns = """
        number, request, state, completed, total, report, error, created_at, started_at, finished_at
        """

    private static func decoded(_ row: Row) throws(HoneError) -> EvaluationRecord {
        EvaluationRecord(
            id: EvaluationNumber.id(row.integer(0)),
            order: try row.json(1),
            state: try row.word(2),
            completed: row.integer(3),
            total: row.integer(4),
            report: row.isNull(5) ? nil : try row.json(5),
            error: row.isNull(6) ? nil : try row.json(6),
            createdAt: row.date(7),
            startedAt: row.optionalDate(8),
            finishedAt: row.optionalDate(9)
        )
    }

    /// Adds an evaluation at the end of the queue.
    ///
    /// - Parameters:
    ///   - order: What is asked for.
    ///   - origin: Names the request; an equal one finds the evaluation that the first made.
    /// - Returns: The evaluation.
    /// - Throws: `.diskFull`.
    public func insertEvaluation(
        _ order: EvaluationOrder,
        origin: String? = nil
    ) throws(HoneError) -> EvaluationRecord {
        let text = try StoredJSON.encode(order)
        let numbers = try once(origin) { () throws(HoneError) -> [Int] in
            try connection.execute(
                "INSERT INTO evaluations (request, state, created_at) VALUES (?, 'queued', ?)",
                .text(text),
                nowSeconds
            )
            return [connection.lastInsertedID]
        }
        return try evaluation(EvaluationNumber.id(numbers[0]))
    }

    /// An evaluation by id.
    ///
    /// - Throws: `.notFound`.
    public func evaluation(_ id: String) throws(HoneError) -> EvaluationRecord {
        let found = try connection.firstRow(
            "SELECT \(Self.evaluationColumns) FROM evaluations WHERE number = ?",
            .integer(try EvaluationNumber.number(id)),
            decode: Self.decoded
        )
        guard let found else { throw EvaluationNumber.unknown(id) }
        return found
    }

    /// Evaluations in the order they were asked for.
    public func evaluations(
        after id: String? = nil,
        limit: Int
    ) throws(HoneError) -> Page<EvaluationRecord> {
        let first = if let id { try EvaluationNumber.number(id) } else { 0 }
        let found = try connection.rows(
            """
            SELECT \(Self.evaluationColumns) FROM evaluations WHERE number > ?
            ORDER BY number LIMIT ?
            """,
            [.integer(first), .onePast(limit)],
            Self.decoded
        )
        return Page(found, limit: limit)
    }

    /// The evaluation to do next: one that was under way when the process ended, else the first that
    /// waits.
    public func nextEvaluation() throws(HoneError) -> EvaluationRecord? {
        try connection.firstRow(
            """
            SELECT \(Self.evaluationColumns) FROM evaluations WHERE state IN ('running', 'queued')
            ORDER BY state = 'running' DESC, number LIMIT 1
            """,
            decode: Self.decoded
        )
    }

    /// Marks an evaluation as begun, from its first unit.
    public func beginEvaluation(_ id: String) throws(HoneError) {
        try connection.execute(
            """
            UPDATE evaluations SET state = 'running', completed = 0, total = 0, started_at = ?
            WHERE number = ? AND state IN ('queued', 'running')
            """,
            nowSeconds,
            .integer(try EvaluationNumber.number(id))
        )
    }

    /// Says how far an evaluation is.
    public func advanceEvaluation(
        _ id: String,
        completed: Int,
        total: Int
    ) throws(HoneError) {
        try connection.execute(
            "UPDATE evaluations SET completed = ?, total = ? WHERE number = ? AND state = 'running'",
            .integer(completed),
            .integer(total),
            .integer(try EvaluationNumber.number(id))
        )
    }

    /// Ends an evaluation that has not ended yet.
    ///
    /// - Returns: whether it was this call that ended it.
    public func endEvaluation(
        _ id: String,
        _ state: RunState,
        report: Value? = nil,
        error: HoneError? = nil
    ) throws(HoneError) -> Bool {
        let document: String? = if let report { try StoredJSON.encode(report) } else { nil }
        let cause: String? = if let error { try StoredJSON.encode(error) } else { nil }
        try connection.execute(
            """
            UPDATE evaluations SET state = ?, report = ?, error = ?, finished_at = ?
            WHERE number = ? AND state IN ('queued', 'running')
            """,
            .text(state.rawValue),
            .optional(document),
            .optional(cause),
            nowSeconds,
            .integer(try EvaluationNumber.number(id))
        )
        return connection.changeCount == 1
    }

    /// Removes an evaluation.
    public func deleteEvaluation(_ id: String) throws(HoneError) {
        try connection.execute(
            "DELETE FROM evaluations WHERE number = ?",
            .integer(try EvaluationNumber.number(id))
        )
    }
}

/// `evaluation-12` ↔ 12.
private enum EvaluationNumber {
    static func id(_ number: Int) -> String { "evaluation-\(number)" }

    static func number(_ id: String) throws(HoneError) -> Int {
        guard id.hasPrefix("evaluation-"), let number = Int(id.dropFirst(11)), number > 0,
            self.id(number) == id
        else { throw unknown(id) }
        return number
    }

    static func unknown(_ id: String) -> HoneError {
        HoneError(.notFound, "there is no evaluation \"\(id)\"", param: id)
    }
}
