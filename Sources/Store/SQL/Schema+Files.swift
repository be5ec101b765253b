extension Migration {
    /// Files that clients uploaded, and the runs that were asked for as fine-tuning jobs.
    static let files = Migration(
        name: "2026-11-files",
        sql: """
            CREATE TABLE files (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE,
                filename TEXT NOT NULL,
                purpose TEXT NOT NULL,
                byte_count INTEGER NOT NULL,
                created_at REAL NOT NULL,
                expires_at REAL
            );
            CREATE TABLE fine_tuning_jobs (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE,
                run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
                request TEXT NOT NULL,
                created_at REAL NOT NULL
            );
            CREATE INDEX fine_tuning_jobs_by_run ON fine_tuning_jobs (run);
            """
    )
}
