extension Migration {
    /// What people said, what they are asked, and what was learned from it.
    static let feedback = Migration(
        name: "2026-11-feedback",
        sql: """
            CREATE TABLE feedback (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                run INTEGER REFERENCES runs (number) ON DELETE SET NULL,
                iteration INTEGER,
                kind TEXT NOT NULL,
                verdict TEXT NOT NULL,
                prompt TEXT NOT NULL,
                subjects TEXT NOT NULL,
                annotator TEXT,
                rationale TEXT,
                seconds REAL,
                source TEXT NOT NULL,
                external_id TEXT,
                item INTEGER,
                swapped INTEGER,
                created_at REAL NOT NULL,
                withdrawn_at REAL,
                replaced_by INTEGER
            );
            CREATE UNIQUE INDEX feedback_by_origin ON feedback (source, external_id)
                WHERE external_id IS NOT NULL AND withdrawn_at IS NULL;
            CREATE INDEX feedback_by_run ON feedback (run, number);
            CREATE INDEX feedback_by_annotator ON feedback (annotator, number);
            CREATE INDEX feedback_by_item ON feedback (item);
            CREATE TABLE feedback_uses (
                run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
                iteration INTEGER NOT NULL,
                feedback INTEGER NOT NULL,
                PRIMARY KEY (run, iteration, feedback)
            ) WITHOUT ROWID;
            CREATE INDEX feedback_uses_by_feedback ON feedback_uses (feedback);
            CREATE TABLE annotation_rounds (
                run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
                iteration INTEGER NOT NULL,
                opened_at REAL NOT NULL,
                closed_at REAL,
                PRIMARY KEY (run, iteration)
            ) WITHOUT ROWID;
            CREATE TABLE annotation_items (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                run INTEGER REFERENCES runs (number) ON DELETE CASCADE,
                iteration INTEGER NOT NULL,
                first INTEGER NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
                second INTEGER NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
                information REAL NOT NULL,
                wanted INTEGER NOT NULL,
                answered INTEGER NOT NULL DEFAULT 0,
                closed INTEGER NOT NULL DEFAULT 0,
                truth TEXT,
                UNIQUE (run, first, second)
            );
            CREATE INDEX annotation_items_open ON annotation_items (closed, information DESC, number);
            CREATE INDEX annotation_items_by_run ON annotation_items (run, closed, information DESC, number);
            CREATE TABLE annotation_leases (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                item INTEGER NOT NULL REFERENCES annotation_items (number) ON DELETE CASCADE,
                annotator TEXT NOT NULL,
                swapped INTEGER NOT NULL,
                state TEXT NOT NULL,
                feedback INTEGER,
                leased_at REAL NOT NULL,
                expires_at REAL NOT NULL
            );
            CREATE INDEX annotation_leases_by_item ON annotation_leases (item, state);
            """
    )
}
