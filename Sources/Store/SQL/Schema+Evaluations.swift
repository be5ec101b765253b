extension Migration {
    /// Evaluations that clients asked for, with their data and what came of them.
    static let evaluations = Migration(
        name: "2026-11-evaluations",
        sql: """
            CREATE TABLE evaluations (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                request TEXT NOT NULL,
                state TEXT NOT NULL,
                completed INTEGER NOT NULL DEFAULT 0,
                total INTEGER NOT NULL DEFAULT 0,
                report TEXT,
                error TEXT,
                created_at REAL NOT NULL,
                started_at REAL,
                finished_at REAL
            );
            CREATE INDEX evaluations_by_state ON evaluations (state, number);
            """
    )
}
