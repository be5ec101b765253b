extension Migration {
    /// Who may ask; of a token only its digest is kept.
    static let tokens = Migration(
        name: "2026-11-tokens",
        sql: """
            CREATE TABLE tokens (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE,
                digest BLOB NOT NULL,
                name TEXT NOT NULL,
                scopes TEXT NOT NULL,
                annotator TEXT,
                limits TEXT NOT NULL,
                created_at REAL NOT NULL,
                last_used_at REAL,
                expires_at REAL,
                revoked_at REAL
            );
            CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL;
            """
    )
}
