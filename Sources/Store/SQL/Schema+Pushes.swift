extension Migration {
    /// Which comparisons went to which project of an annotation tool, and how new is what tools said.
    static let pushes = Migration(
        name: "2026-11-pushes",
        sql: """
            CREATE TABLE pushed_items (
                target TEXT NOT NULL,
                item INTEGER NOT NULL REFERENCES annotation_items (number) ON DELETE CASCADE,
                lease INTEGER NOT NULL,
                attempted_at REAL,
                pushed_at REAL,
                task INTEGER,
                PRIMARY KEY (target, item)
            ) WITHOUT ROWID;
            CREATE INDEX pushed_items_by_item ON pushed_items (item);
            CREATE TABLE outside_changes (
                source TEXT NOT NULL,
                external_id TEXT NOT NULL,
                changed_at TEXT NOT NULL,
                PRIMARY KEY (source, external_id)
            ) WITHOUT ROWID;
            """
    )
}
