import Domain
import Foundation

/// One named change of the schema.
///
/// Migrations are only ever appended, never edited.
struct Migration {
    let name: String
    let sql: String
}

extension Connection {
    /// Applies what is missing, each in a transaction of its own.
    ///
    /// - Throws: `.conflict` when the database has a migration that this version does not know.
    func migrate(_ migrations: [Migration], now: Date) throws(HoneError) {
        try execute(
            "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at REAL NOT NULL)"
        )
        let applied = Set(
            try rows("SELECT name FROM migrations") { row throws(HoneError) in row.text(0) }
        )
        let unknown = applied.subtracting(migrations.map { $0.name }).sorted()
        if let name = unknown.first {
            throw HoneError(
                .conflict,
                "the data folder was written by a newer version of Hone (it has \"\(name)\"): "
                    + "use that version, or another data folder"
            )
        }
        for migration in migrations where !applied.contains(migration.name) {
            try transaction { () throws(HoneError) in
                try executeScript(migration.sql)
                try execute(
                    "INSERT INTO migrations (name, applied_at) VALUES (?, ?)",
                    .text(migration.name),
                    .real(now.timeIntervalSince1970)
                )
            }
        }
    }
}
