public import Domain
public import Foundation

/// The durable memory of one data folder: the only place that knows SQL.
///
/// Every method is one transaction, and has reached the disk when it returns. Paths inside the data
/// folder are kept relative to it, so that the folder can be moved.
public actor DataStore {
    let connection: Connection
    let folder: String
    /// The clock that everything in the store is dated by.
    public nonisolated let now: @Sendable () -> Date
    /// Moves on whenever the list of models changes.
    public nonisolated let modelChanges = ChangeCounter()
    private let executor: StoreExecutor

    /// A queue of the store's own, so that a slow disk holds no thread of the cooperative pool.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Opens `hone.sqlite` in `folder`, making or migrating it as needed.
    ///
    /// - Throws: `.conflict` for a database of a newer version, `.invalidData` for a damaged one,
    ///   `.diskFull`, `.internalError`.
    public init(
        folder: String,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(HoneError) {
        self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        self.now = now
        executor = StoreExecutor()
        connection = try Connection(
            path: self.folder + "/hone.sqlite",
            known: Set(Migration.all.map { $0.name })
        )
        try connection.migrate(Migration.all, now: now())
        // A key whose request died with the process was never answered: the client may retry it.
        // Nobody retries after a month.
        let old = SQLValue.real(now().timeIntervalSince1970 - 30 * 86_400)
        try connection.execute(
            "DELETE FROM idempotency_keys WHERE reply IS NULL OR created_at < ?",
            old
        )
        try connection.execute("DELETE FROM creations WHERE created_at < ?", old)
    }

    /// Whether anything can be written.
    ///
    /// - Throws: `.overloaded` after a flush that failed.
    public func checkHealth() throws(HoneError) {
        if let lost = connection.lostFlush { throw lost }
        _ = try connection.rows("SELECT 1") { _ throws(HoneError) in }
    }

    var nowSeconds: SQLValue { .real(now().timeIntervalSince1970) }

    func relative(_ path: String) -> String {
        path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
    }

    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }
}

/// `run-12` ↔ 12.
enum RunNumber {
    static func id(_ number: Int) -> String { "run-\(number)" }

    static func number(_ id: String) throws(HoneError) -> Int {
        guard let number = optionalNumber(id) else {
            throw HoneError(.unknownRun, "there is no run \"\(id)\"", param: id)
        }
        return number
    }

    static func optionalNumber(_ id: String) -> Int? {
        guard id.hasPrefix("run-"), let number = Int(id.dropFirst(4)), number > 0,
            Self.id(number) == id
        else { return nil }
        return number
    }
}
