extension Migration {
    /// How far each webhook has been told of events.
    static let webhooks = Migration(
        name: "2026-11-webhooks",
        sql: """
            CREATE TABLE webhook_cursors (
                url TEXT PRIMARY KEY,
                event INTEGER NOT NULL
            ) WITHOUT ROWID;
            """
    )
}
