public import Domain
import Foundation

// Files that clients uploaded.
extension DataStore {
    private static let fileColumns = "id, filename, purpose, byte_count, created_at, expires_at"

    private static func decodedFile(_ row: Row) throws(HoneError) -> FileRecord {
        FileRecord(
            id: row.text(0),
            filename: row.text(1),
            purpose: row.text(2),
            byteCount: row.integer(3),
            createdAt: row.date(4),
            expiresAt: row.optionalDate(5)
        )
    }

    /// Adds a file that is on disk.
    public func insertFile(_ file: FileRecord) throws(HoneError) {
        try connection.execute(
            "INSERT INTO files (\(Self.fileColumns)) VALUES (?, ?, ?, ?, ?, ?)",
            .text(file.id),
            .text(file.filename),
            .text(file.purpose),
            .integer(file.byteCount),
            .real(file.createdAt.timeIntervalSince1970),
            .optional(file.expiresAt?.timeIntervalSince1970)
        )
    }

    /// A file by id; `nil` when there is none, or its time is over.
    public func file(_ id: String) throws(HoneError) -> FileRecord? {
        try connection.firstRow(
            """
            SELECT \(Self.fileColumns) FROM files
            WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)
            """,
            .text(id),
            nowSeconds,
            decode: Self.decodedFile
        )
    }

    /// Files in the order they were uploaded, or the other way round.
    ///
    /// - Parameters:
    ///   - purpose: Files for this only.
    ///   - id: The last file of the page before, which must be there.
    ///   - limit: The most files.
    ///   - newestFirst: Whether the newest come first.
    /// - Returns: a page, without those whose time is over.
    /// - Throws: what the database says.
    public func files(
        purpose: String?,
        after id: String?,
        limit: Int,
        newestFirst: Bool
    ) throws(HoneError) -> Page<FileRecord> {
        let (sign, order) = newestFirst ? ("<", "DESC") : (">", "ASC")
        let found = try connection.rows(
            """
            SELECT \(Self.fileColumns) FROM files
            WHERE (expires_at IS NULL OR expires_at > ?1) AND (?2 IS NULL OR purpose = ?2)
            AND (?3 IS NULL OR number \(sign) (SELECT number FROM files WHERE id = ?3))
            ORDER BY number \(order) LIMIT ?4
            """,
            [nowSeconds, .optional(purpose), .optional(id), .onePast(limit)],
            Self.decodedFile
        )
        return Page(found, limit: limit)
    }

    /// Forgets a file; whether there was one.
    public func deleteFile(_ id: String) throws(HoneError) -> Bool {
        try connection.execute("DELETE FROM files WHERE id = ?", .text(id))
        return connection.changeCount == 1
    }

    /// Forgets the files whose time is over.
    ///
    /// - Returns: their ids.
    public func expireFiles() throws(HoneError) -> [String] {
        try connection.transaction { () throws(HoneError) -> [String] in
            let ids = try connection.rows(
                "SELECT id FROM files WHERE expires_at <= ?",
                [nowSeconds]
            ) { row throws(HoneError) in row.text(0) }
            if !ids.isEmpty {
                try connection.execute("DELETE FROM files WHERE expires_at <= ?", nowSeconds)
            }
            return ids
        }
    }

    /// The ids of all files.
    public func fileIDs() throws(HoneError) -> Set<String> {
        Set(try connection.rows("SELECT id FROM files") { row throws(HoneError) in row.text(0) })
    }
}
