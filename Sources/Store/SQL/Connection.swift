import CSQLite
import Domain
import Foundation

/// One SQLite connection with its cache of prepared statements.
///
/// Used on one thread at a time.
final class Connection {
    private let handle: OpaquePointer
    let path: String
    private var statements: [String: OpaquePointer] = [:]
    /// Why nothing is written any more.
    ///
    /// After a flush that failed nobody knows what the disk has, and one that succeeds later proves
    /// nothing of the pages before (Rebello and others 2020, "Can Applications Recover from fsync
    /// Failures?").
    private(set) var lostFlush: HoneError?

    /// Opens or makes the database file at `path`, and sets durability: WAL with
    /// `synchronous=FULL`, because a verdict is acknowledged only when a power cut cannot lose it.
    ///
    /// A database that holds something and has not its migrations among the `known` is refused
    /// before anything of it is changed.
    init(path: String, known: Set<String>? = nil) throws(HoneError) {
        self.path = path
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let status = sqlite3_open_v2(path, &opened, flags, nil)
        guard status == SQLITE_OK, let opened else {
            let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw HoneError(.internalError, "cannot open \(path): \(reason)", param: path)
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, 10_000)
        if let known { try refuseForeign(known) }
        for pragma in [
            "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY",
        ] {
            _ = try rows("PRAGMA \(pragma)") { _ throws(HoneError) in }
        }
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// The row id of the last insert.
    var lastInsertedID: Int { Int(sqlite3_last_insert_rowid(handle)) }

    /// Rows changed by the last statement.
    var changeCount: Int { Int(sqlite3_changes(handle)) }

    /// Runs a statement without result.
    func execute(_ sql: String, _ arguments: SQLValue...) throws(HoneError) {
        _ = try rows(sql, arguments) { _ throws(HoneError) in }
    }

    /// Runs several statements without parameters: a migration.
    func executeScript(_ sql: String) throws(HoneError) {
        let status = sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw error(status) }
    }

    /// All rows of a query.
    func rows<Element>(
        _ sql: String,
        _ arguments: [SQLValue] = [],
        _ decode: (Row) throws(HoneError) -> Element
    ) throws(HoneError) -> [Element] {
        let statement = try prepare(sql)
        if let lostFlush, sqlite3_stmt_readonly(statement) == 0 { throw lostFlush }
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, argument) in arguments.enumerated() {
            try bind(argument, at: Int32(index + 1), of: statement)
        }
        var result: [Element] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: result.append(try decode(Row(statement: statement)))
            case SQLITE_DONE: return result
            case let status: throw error(status)
            }
        }
    }

    /// The first row of a query.
    func firstRow<Element>(
        _ sql: String,
        _ arguments: SQLValue...,
        decode: (Row) throws(HoneError) -> Element
    ) throws(HoneError) -> Element? {
        try rows(sql, arguments, decode).first
    }

    /// Does everything in `body` or nothing.
    func transaction<Result>(
        _ body: () throws(HoneError) -> Result
    ) throws(HoneError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do throws(HoneError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // SQLite may have rolled back by itself (disk full): a second failure says nothing new.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    private func prepare(_ sql: String) throws(HoneError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let status = sqlite3_prepare_v3(
            handle,
            sql,
            -1,
            UInt32(SQLITE_PREPARE_PERSISTENT),
            &statement,
            nil
        )
        guard status == SQLITE_OK, let statement else { throw error(status) }
        statements[sql] = statement
        return statement
    }

    private func bind(
        _ value: SQLValue,
        at index: Int32,
        of statement: OpaquePointer
    ) throws(HoneError) {
        // SQLITE_TRANSIENT, a cast macro that Swift does not import: SQLite copies the bytes.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let status =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, Int64(number))
            case .real(let number): sqlite3_bind_double(statement, index, number)
            case .text(let text):
                sqlite3_bind_text(statement, index, text, Int32(clamping: text.utf8.count), copied)
            case .blob(let bytes):
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(
                        statement,
                        index,
                        bytes,
                        Int32(clamping: bytes.count),
                        copied
                    )
            }
        guard status == SQLITE_OK else { throw error(status) }
    }

    /// SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC, macros that Swift does not import.
    private static let flushFailures: Set<Int32> = [SQLITE_IOERR | 4 << 8, SQLITE_IOERR | 5 << 8]

    private func loseFlush(_ reason: String) -> HoneError {
        let error = HoneError(
            .overloaded,
            "the disk did not take what was to be written to \(path) (\(reason)): nothing more is "
                + "written until the server is started again; look at the disk first",
            param: path
        )
        lostFlush = error
        return error
    }

    private func error(_ status: Int32) -> HoneError {
        let reason = String(cString: sqlite3_errmsg(handle))
        let systemError = sqlite3_system_errno(handle)
        let isFull = [ENOSPC, EDQUOT, EFBIG].contains(systemError)
        if Self.flushFailures.contains(status) && !isFull { return loseFlush(reason) }
        switch status & 0xFF {
        case SQLITE_FULL:
            return HoneError(
                .diskFull,
                "no room left for \(path): free some and try again",
                param: path
            )
        case SQLITE_IOERR where isFull:
            return HoneError(
                .diskFull,
                "no room left for \(path): free some and try again",
                param: path
            )
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            return HoneError(
                .invalidData,
                "the database \(path) is damaged (\(reason)): restore it from a copy, or move it "
                    + "away to start with an empty one",
                param: path
            )
        case SQLITE_BUSY, SQLITE_LOCKED:
            return HoneError(
                .dataFolderLocked,
                "another process holds the database \(path)",
                param: path
            )
        case SQLITE_CONSTRAINT:
            return HoneError(.conflict, "the store refused a contradiction: \(reason)")
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
            return HoneError(.internalError, "cannot write \(path): \(reason)", param: path)
        default:
            return HoneError(.internalError, "the store failed on \(path): \(reason)", param: path)
        }
    }
}
