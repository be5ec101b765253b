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
        try refuseNewer(applied, known: Set(migrations.map { $0.name }))
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

    /// - Throws: `.conflict` for a database of somebody else, or of a newer version.
    func refuseForeign(_ known: Set<String>) throws(HoneError) {
        let tables = try rows("SELECT name FROM sqlite_master WHERE type = 'table'") {
            row throws(HoneError) in row.text(0)
        }
        guard !tables.isEmpty else { return }
        guard tables.contains("migrations") else {
            throw HoneError(
                .conflict,
                "\(path) is not a database of Hone (it has the tables "
                    + "\(tables.sorted().prefix(5).joined(separator: ", "))): choose another data "
                    + "folder",
                param: path
            )
        }
        let applied = try rows("SELECT name FROM migrations") { row throws(HoneError) in
            row.text(0)
        }
        try refuseNewer(Set(applied), known: known)
    }

    private func refuseNewer(_ applied: Set<String>, known: Set<String>) throws(HoneError) {
        if let name = applied.subtracting(known).sorted().first {
            throw HoneError(
                .conflict,
                "the data folder was written by a newer version of Hone (it has \"\(name)\"): "
                    + "use that version, or another data folder"
            )
        }
    }
}
