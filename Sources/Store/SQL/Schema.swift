extension Migration {
    /// In the order they are applied.
    static let all: [Migration] = [
        runs, rollouts, models, scoreReasons, evaluations, rewardKinds, tokenRewards, feedback,
        webhooks, files, pushes, tokens, creations,
    ]

    private static let runs = Migration(
        name: "2026-11-runs",
        sql: """
            CREATE TABLE runs (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                name TEXT NOT NULL UNIQUE,
                spec TEXT NOT NULL,
                publish_as TEXT NOT NULL,
                state TEXT NOT NULL,
                queue_place INTEGER NOT NULL,
                iteration INTEGER NOT NULL DEFAULT 0,
                phase TEXT,
                error TEXT,
                machine TEXT,
                policy_version INTEGER NOT NULL DEFAULT 0,
                parent_run TEXT,
                parent_iteration INTEGER,
                active_seconds REAL NOT NULL DEFAULT 0,
                created_at REAL NOT NULL,
                started_at REAL,
                finished_at REAL
            );
            CREATE INDEX runs_by_state ON runs (state, queue_place);
            CREATE TABLE iterations (
                run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
                iteration INTEGER NOT NULL,
                metrics TEXT NOT NULL,
                finished_at REAL NOT NULL,
                PRIMARY KEY (run, iteration)
            ) WITHOUT ROWID;
            CREATE TABLE checkpoints (
                run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
                iteration INTEGER NOT NULL,
                step INTEGER NOT NULL,
                path TEXT NOT NULL,
                byte_count INTEGER NOT NULL,
                created_at REAL NOT NULL,
                PRIMARY KEY (run, iteration)
            ) WITHOUT ROWID;
            CREATE TABLE events (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
                time REAL NOT NULL,
                kind TEXT NOT NULL,
                payload TEXT NOT NULL
            );
            CREATE INDEX events_by_run ON events (run, id);
            """
    )

    private static let rollouts = Migration(
        name: "2026-11-rollouts",
        sql: """
            CREATE TABLE prompts (
                id INTEGER PRIMARY KEY,
                body TEXT NOT NULL UNIQUE
            );
            CREATE TABLE rollouts (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                run INTEGER REFERENCES runs (number) ON DELETE CASCADE,
                purpose TEXT NOT NULL,
                iteration INTEGER NOT NULL,
                unit INTEGER NOT NULL,
                prompt_index INTEGER NOT NULL,
                sample_index INTEGER NOT NULL,
                prompt INTEGER NOT NULL REFERENCES prompts (id),
                prompt_tokens BLOB NOT NULL,
                completion_tokens BLOB NOT NULL,
                text TEXT NOT NULL,
                logprobs BLOB NOT NULL,
                sampling_logprobs BLOB NOT NULL,
                reference_logprobs BLOB NOT NULL,
                policy_version INTEGER NOT NULL,
                stop_reason TEXT NOT NULL,
                created_at REAL NOT NULL,
                UNIQUE (run, purpose, iteration, prompt_index, sample_index)
            );
            CREATE INDEX rollouts_by_prompt ON rollouts (prompt);
            CREATE TABLE scores (
                rollout INTEGER NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
                reward TEXT NOT NULL,
                score REAL,
                components TEXT NOT NULL,
                PRIMARY KEY (rollout, reward)
            ) WITHOUT ROWID;
            CREATE TABLE pairs (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
                iteration INTEGER NOT NULL,
                position INTEGER NOT NULL,
                chosen INTEGER NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
                rejected INTEGER NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
                margin REAL,
                UNIQUE (run, iteration, position)
            );
            CREATE INDEX pairs_by_chosen ON pairs (chosen);
            CREATE INDEX pairs_by_rejected ON pairs (rejected);
            """
    )

    private static let models = Migration(
        name: "2026-11-models",
        sql: """
            CREATE TABLE models (
                name TEXT PRIMARY KEY,
                is_reward_model INTEGER NOT NULL,
                folder TEXT NOT NULL,
                configuration TEXT NOT NULL,
                parameter_count INTEGER NOT NULL,
                byte_count INTEGER NOT NULL,
                source_type TEXT NOT NULL,
                imported_from TEXT,
                run_id TEXT,
                created_at REAL NOT NULL
            ) WITHOUT ROWID;
            CREATE TABLE idempotency_keys (
                key TEXT PRIMARY KEY,
                body_hash TEXT NOT NULL,
                status INTEGER,
                reply TEXT,
                created_at REAL NOT NULL
            ) WITHOUT ROWID;
            """
    )

    private static let creations = Migration(
        name: "2026-11-creations",
        sql: """
            CREATE TABLE creations (
                origin TEXT PRIMARY KEY,
                numbers TEXT NOT NULL,
                created_at REAL NOT NULL
            ) WITHOUT ROWID;
            """
    )

    private static let scoreReasons = Migration(
        name: "2026-11-score-reasons",
        sql: """
            ALTER TABLE scores ADD COLUMN uncertainty REAL;
            ALTER TABLE scores ADD COLUMN reason TEXT;
            """
    )

    private static let rewardKinds = Migration(
        name: "2026-11-reward-kinds",
        sql: "ALTER TABLE models ADD COLUMN reward_kind TEXT;"
    )

    private static let tokenRewards = Migration(
        name: "2026-11-token-rewards",
        sql: "ALTER TABLE scores ADD COLUMN token_rewards BLOB;"
    )
}
