public import Domain
import Foundation

extension DataStore {
    private static let columns = """
        number, name, spec, state, iteration, phase, error, created_at, started_at, finished_at,
        parent_run, parent_iteration, policy_version,
        CASE state WHEN 'queued' THEN (
            SELECT count(*) FROM runs AS earlier
            WHERE earlier.state = 'queued' AND earlier.queue_place <= runs.queue_place
        ) END
        """

    private static func decode(_ row: Row) throws(HoneError) -> RunRecord {
        var parent: RunRecord.Parent?
        if let run = row.optionalText(10) {
            parent = RunRecord.Parent(runID: run, iteration: row.integer(11))
        }
        return RunRecord(
            id: RunNumber.id(row.integer(0)),
            name: row.text(1),
            spec: try row.json(2),
            state: try row.word(3),
            iteration: row.integer(4),
            phase: row.isNull(5) ? nil : try row.word(5),
            error: row.isNull(6) ? nil : try row.json(6),
            createdAt: row.date(7),
            startedAt: row.optionalDate(8),
            finishedAt: row.optionalDate(9),
            parent: parent,
            policyVersion: row.integer(12),
            queuePosition: row.optionalInteger(13)
        )
    }

    /// Adds a run; one that is queued goes to the queue's end.
    ///
    /// - Throws: `.conflict` when the name is taken.
    public func insertRun(
        _ spec: RunSpec,
        state: RunState = .queued,
        parent: RunRecord.Parent? = nil,
        iteration: Int = 0,
        policyVersion: Int = 0
    ) throws(HoneError) -> RunRecord {
        let text = try StoredJSON.encode(spec)
        let id = try connection.transaction { () throws(HoneError) -> String in
            try connection.execute(
                """
                INSERT INTO runs (name, spec, publish_as, state, queue_place, iteration,
                    policy_version, parent_run, parent_iteration, created_at)
                VALUES (?, ?, ?, ?, (SELECT coalesce(max(queue_place), 0) + 1 FROM runs),
                    ?, ?, ?, ?, ?)
                """,
                .text(spec.name),
                .text(text),
                .text(spec.publishAs),
                .text(state.rawValue),
                .integer(iteration),
                .integer(policyVersion),
                .optional(parent?.runID),
                .optional(parent?.iteration),
                nowSeconds
            )
            let number = connection.lastInsertedID
            // A run that is still being made is at rest; its story begins when it is queued.
            if state == .queued { try appendEvent(number, "state", ["state": "queued"]) }
            return RunNumber.id(number)
        }
        return try run(id)
    }

    /// Runs that were never queued: nobody has heard of them, as they are answered once they are.
    public func unmadeRuns() throws(HoneError) -> [String] {
        try connection.rows(
            """
            SELECT number FROM runs WHERE state = 'paused'
                AND NOT EXISTS (SELECT 1 FROM events WHERE events.run = runs.number)
            ORDER BY number
            """,
            []
        ) { row throws(HoneError) in RunNumber.id(row.integer(0)) }
    }

    /// A run by id.
    ///
    /// - Throws: `.unknownRun`.
    public func run(_ id: String) throws(HoneError) -> RunRecord {
        let number = try RunNumber.number(id)
        let found = try connection.firstRow(
            "SELECT \(Self.columns) FROM runs WHERE number = ?",
            .integer(number),
            decode: Self.decode
        )
        guard let found else {
            throw HoneError(.unknownRun, "there is no run \"\(id)\"", param: id)
        }
        return found
    }

    /// A run by id or name, `nil` when there is none.
    public func findRun(_ reference: String) throws(HoneError) -> RunRecord? {
        try connection.firstRow(
            "SELECT \(Self.columns) FROM runs WHERE number = ? OR name = ? ORDER BY number = ? DESC",
            .optional(RunNumber.optionalNumber(reference)),
            .text(reference),
            .optional(RunNumber.optionalNumber(reference)),
            decode: Self.decode
        )
    }

    /// Runs in the order they were made.
    public func runs(
        after id: String? = nil,
        limit: Int,
        state: RunState? = nil
    ) throws(HoneError) -> Page<RunRecord> {
        let first = if let id { try RunNumber.number(id) } else { 0 }
        let found = try connection.rows(
            """
            SELECT \(Self.columns) FROM runs WHERE number > ? AND (? IS NULL OR state = ?)
            ORDER BY number LIMIT ?
            """,
            [
                .integer(first), .optional(state?.rawValue), .optional(state?.rawValue),
                .onePast(limit),
            ],
            Self.decode
        )
        return Page(found, limit: limit)
    }

    /// The names of all runs.
    public func runNames() throws(HoneError) -> [String] {
        try connection.rows("SELECT name FROM runs ORDER BY name") { row throws(HoneError) in
            row.text(0)
        }
    }

    /// The run to drive next: one that was running when the process ended, else the queue's first.
    public func nextRun() throws(HoneError) -> RunRecord? {
        try connection.firstRow(
            """
            SELECT \(Self.columns) FROM runs WHERE state IN ('running', 'queued')
            ORDER BY state = 'running' DESC, queue_place LIMIT 1
            """,
            decode: Self.decode
        )
    }

    /// Unfinished runs, whatever their state.
    public func unfinishedRuns() throws(HoneError) -> [RunRecord] {
        try connection.rows(
            """
            SELECT \(Self.columns) FROM runs WHERE state IN ('running', 'queued', 'paused')
            ORDER BY number
            """,
            [],
            Self.decode
        )
    }

    /// Writes one transition of a run and its events.
    ///
    /// - Throws: `.unknownRun`; `.conflict` when the run is not in one of the states that the
    ///   transition may come from.
    public func commit(_ transition: RunTransition) throws(HoneError) {
        let number = try RunNumber.number(transition.runID)
        let error: String? =
            if let cause = transition.error { try StoredJSON.encode(cause) } else { nil }
        try connection.transaction { () throws(HoneError) in
            try connection.execute(
                """
                UPDATE runs SET state = ?1, iteration = ?2, phase = ?3, error = ?4,
                    policy_version = ?5, machine = coalesce(?6, machine),
                    active_seconds = active_seconds + ?9,
                    started_at = CASE ?1 WHEN 'running' THEN coalesce(started_at, ?7)
                        ELSE started_at END,
                    finished_at = CASE WHEN ?1 IN ('succeeded', 'failed', 'cancelled') THEN ?7 END,
                    queue_place = CASE WHEN ?1 = 'queued' AND state <> 'queued'
                        THEN (SELECT max(queue_place) + 1 FROM runs) ELSE queue_place END
                WHERE number = ?8 AND (?10 IS NULL OR instr(?10, ' ' || state || ' ') > 0)
                """,
                .text(transition.state.rawValue),
                .integer(transition.iteration),
                .optional(transition.phase?.rawValue),
                .optional(error),
                .integer(transition.policyVersion),
                .optional(transition.machine),
                nowSeconds,
                .integer(number),
                .real(transition.activeSeconds),
                .optional(transition.origins)
            )
            guard connection.changeCount == 1 else {
                let record = try run(transition.runID)
                throw HoneError(
                    .conflict,
                    "the run \"\(record.name)\" is \(record.state.rawValue) by now",
                    param: record.id
                )
            }
            for event in transition.events {
                try appendEvent(number, event.kind, event.payload)
            }
        }
    }

    /// The persisted state machine of a run, as its driver wrote it.
    public func machine(_ id: String) throws(HoneError) -> String? {
        try connection.firstRow(
            "SELECT machine FROM runs WHERE number = ?",
            .integer(try RunNumber.number(id))
        ) { row throws(HoneError) in row.optionalText(0) } ?? nil
    }

    /// Seconds that the run has been worked on, pauses left out.
    public func activeSeconds(_ id: String) throws(HoneError) -> Double {
        try connection.firstRow(
            "SELECT active_seconds FROM runs WHERE number = ?",
            .integer(try RunNumber.number(id))
        ) { row throws(HoneError) in row.real(0) } ?? 0
    }

    /// Removes a run with everything in the store that belongs to it.
    public func deleteRun(_ id: String) throws(HoneError) {
        let number = try RunNumber.number(id)
        try connection.transaction { () throws(HoneError) in
            try connection.execute("DELETE FROM runs WHERE number = ?", .integer(number))
            try connection.execute(
                "DELETE FROM prompts WHERE id NOT IN (SELECT prompt FROM rollouts)"
            )
        }
    }
}
