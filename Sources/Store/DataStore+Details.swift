public import Domain
import Foundation

extension DataStore {
    func appendEvent(_ number: Int, _ kind: String, _ payload: Value) throws(HoneError) {
        try connection.execute(
            "INSERT INTO events (run, time, kind, payload) VALUES (?, ?, ?, ?)",
            .integer(number),
            nowSeconds,
            .text(kind),
            .text(try StoredJSON.encode(payload))
        )
    }

    /// Adds an event outside of a transition.
    public func appendEvent(
        run: String,
        kind: String,
        payload: Value
    ) throws(HoneError) { try appendEvent(try RunNumber.number(run), kind, payload) }

    /// A run's events after the one of that id, oldest first.
    public func events(run: String, after id: Int, limit: Int) throws(HoneError) -> [EventRecord] {
        try connection.rows(
            """
            SELECT id, time, kind, payload FROM events WHERE run = ? AND id > ?
            ORDER BY id LIMIT ?
            """,
            [.integer(try RunNumber.number(run)), .integer(id), .integer(limit)]
        ) { row throws(HoneError) in try Self.event(row, of: run) }
    }

    /// An event of `id, time, kind, payload`.
    static func event(_ row: Row, of run: String) throws(HoneError) -> EventRecord {
        EventRecord(
            runID: run,
            id: row.integer(0),
            time: row.date(1),
            kind: row.text(2),
            payload: try row.json(3)
        )
    }

    /// Writes what was measured in an iteration, replacing what a redone one had.
    public func finishIteration(
        run: String,
        iteration: Int,
        metrics: [String: Double]
    ) throws(HoneError) {
        let number = try RunNumber.number(run)
        let text = try StoredJSON.encode(metrics.filter { $0.value.isFinite })
        let payload = Value.object([
            "iteration": .integer(iteration),
            "metrics": .object(metrics.filter { $0.value.isFinite }.mapValues(Value.number)),
        ])
        try connection.transaction { () throws(HoneError) in
            try connection.execute(
                """
                INSERT INTO iterations (run, iteration, metrics, finished_at) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET metrics = excluded.metrics
                """,
                .integer(number),
                .integer(iteration),
                .text(text),
                nowSeconds
            )
            try appendEvent(number, "metrics", payload)
        }
    }

    /// The finished iterations in order.
    public func iterations(run: String) throws(HoneError) -> [IterationRecord] {
        try connection.rows(
            "SELECT iteration, metrics, finished_at FROM iterations WHERE run = ? ORDER BY iteration",
            [.integer(try RunNumber.number(run))]
        ) { row throws(HoneError) in
            IterationRecord(
                iteration: row.integer(0),
                metrics: try row.json(1),
                finishedAt: row.date(2)
            )
        }
    }

    /// Records a checkpoint that is on disk, replacing that of a redone iteration.
    public func insertCheckpoint(
        run: String,
        iteration: Int,
        step: Int,
        path: String,
        byteCount: Int
    ) throws(HoneError) {
        let number = try RunNumber.number(run)
        try connection.transaction { () throws(HoneError) in
            try connection.execute(
                """
                INSERT OR REPLACE INTO checkpoints (run, iteration, step, path, byte_count,
                    created_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
                .integer(number),
                .integer(iteration),
                .integer(step),
                .text(relative(path)),
                .integer(byteCount),
                nowSeconds
            )
            try appendEvent(
                number,
                "checkpoint",
                ["iteration": .integer(iteration), "step": .integer(step), "path": .string(path)]
            )
        }
    }

    /// The checkpoints of a run, oldest first.
    public func checkpoints(run: String) throws(HoneError) -> [CheckpointRecord] {
        try connection.rows(
            """
            SELECT iteration, step, path, byte_count, created_at FROM checkpoints WHERE run = ?
            ORDER BY iteration
            """,
            [.integer(try RunNumber.number(run))]
        ) { row throws(HoneError) in
            CheckpointRecord(
                runID: run,
                iteration: row.integer(0),
                step: row.integer(1),
                path: self.absolute(row.text(2)),
                byteCount: row.integer(3),
                createdAt: row.date(4)
            )
        }
    }

    /// Forgets a checkpoint (before its folder goes).
    public func deleteCheckpoint(run: String, iteration: Int) throws(HoneError) {
        try connection.execute(
            "DELETE FROM checkpoints WHERE run = ? AND iteration = ?",
            .integer(try RunNumber.number(run)),
            .integer(iteration)
        )
    }

    /// Writes the pairs of an iteration, replacing those of a redone one.
    public func replacePairs(
        run: String,
        iteration: Int,
        pairs: [(chosen: Int, rejected: Int, margin: Double?)]
    ) throws(HoneError) {
        let number = try RunNumber.number(run)
        try connection.transaction { () throws(HoneError) in
            try connection.execute(
                "DELETE FROM pairs WHERE run = ? AND iteration = ?",
                .integer(number),
                .integer(iteration)
            )
            for (position, pair) in pairs.enumerated() {
                try connection.execute(
                    """
                    INSERT INTO pairs (run, iteration, position, chosen, rejected, margin)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                    .integer(number),
                    .integer(iteration),
                    .integer(position),
                    .integer(pair.chosen),
                    .integer(pair.rejected),
                    .optional(pair.margin)
                )
            }
        }
    }

    /// A run's pairs by id, oldest first.
    public func pairs(
        run: String,
        iteration: Int? = nil,
        after id: Int? = nil,
        limit: Int
    ) throws(HoneError) -> Page<PairRecord> {
        let found = try connection.rows(
            """
            SELECT id, iteration, chosen, rejected, margin FROM pairs
            WHERE run = ? AND (? IS NULL OR iteration = ?) AND id > ? ORDER BY id LIMIT ?
            """,
            [
                .integer(try RunNumber.number(run)), .optional(iteration), .optional(iteration),
                .integer(id ?? 0), .onePast(limit),
            ]
        ) { row throws(HoneError) in
            PairRecord(
                id: row.integer(0),
                runID: run,
                iteration: row.integer(1),
                chosen: row.integer(2),
                rejected: row.integer(3),
                margin: row.optionalReal(4)
            )
        }
        return Page(found, limit: limit)
    }
}
