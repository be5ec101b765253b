public import Domain

extension DataStore {
    /// The id of the last event that a URL is done with; one that is new begins with the next event.
    public func webhookCursor(_ url: String) throws(HoneError) -> Int {
        try connection.transaction { () throws(HoneError) -> Int in
            try connection.execute(
                """
                INSERT INTO webhook_cursors (url, event)
                SELECT ?, coalesce(max(id), 0) FROM events WHERE true ON CONFLICT DO NOTHING
                """,
                .text(url)
            )
            return try connection.firstRow(
                "SELECT event FROM webhook_cursors WHERE url = ?",
                .text(url)
            ) { row throws(HoneError) in row.integer(0) } ?? 0
        }
    }

    /// Remembers that a URL is done with all events up to this one.
    public func moveWebhookCursor(_ url: String, to event: Int) throws(HoneError) {
        try connection.execute(
            """
            INSERT INTO webhook_cursors (url, event) VALUES (?, ?)
            ON CONFLICT DO UPDATE SET event = excluded.event
            """,
            .text(url),
            .integer(event)
        )
    }

    /// The events of all runs after the one of that id, oldest first.
    public func events(after id: Int, limit: Int) throws(HoneError) -> [EventRecord] {
        try connection.rows(
            "SELECT id, time, kind, payload, run FROM events WHERE id > ? ORDER BY id LIMIT ?",
            [.integer(id), .integer(limit)]
        ) { row throws(HoneError) in
            EventRecord(
                runID: RunNumber.id(row.integer(4)),
                id: row.integer(0),
                time: row.date(1),
                kind: row.text(2),
                payload: try row.json(3)
            )
        }
    }
}
