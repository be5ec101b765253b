public import Domain
public import Foundation

// Who may ask.
extension DataStore {
    private static let tokenColumns = """
        id, digest, name, scopes, annotator, limits, created_at, last_used_at, expires_at, revoked_at
        """

    private static func decodedToken(_ row: Row) throws(HoneError) -> TokenRecord {
        var record = TokenRecord(
            id: row.text(0),
            digest: try row.packed(1),
            name: row.text(2),
            scopes: try row.json(3),
            createdAt: row.date(6)
        )
        record.annotator = row.optionalText(4)
        record.limits = try row.json(5)
        record.lastUsedAt = row.optionalDate(7)
        record.expiresAt = row.optionalDate(8)
        record.revokedAt = row.optionalDate(9)
        return record
    }

    /// Adds a token.
    ///
    /// - Throws: `.alreadyExists` when a token that is not revoked has its name.
    public func insertToken(_ token: TokenRecord) throws(HoneError) {
        try connection.transaction { () throws(HoneError) in
            let taken = try connection.firstRow(
                "SELECT id FROM tokens WHERE name = ? AND revoked_at IS NULL",
                .text(token.name)
            ) { row throws(HoneError) in row.text(0) }
            if taken != nil {
                throw HoneError(
                    .alreadyExists,
                    "a token named \"\(token.name)\" exists: choose another name or revoke it first",
                    param: "name"
                )
            }
            try connection.execute(
                """
                INSERT INTO tokens (\(Self.tokenColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, NULL)
                """,
                .text(token.id),
                .blob(token.digest),
                .text(token.name),
                .text(try StoredJSON.encode(TokenScope.allCases.filter(token.scopes.contains))),
                .optional(token.annotator),
                .text(try StoredJSON.encode(token.limits)),
                .real(token.createdAt.timeIntervalSince1970),
                .optional(token.expiresAt?.timeIntervalSince1970)
            )
        }
    }

    /// Every token there ever was, oldest first.
    public func tokens() throws(HoneError) -> [TokenRecord] {
        try connection.rows(
            "SELECT \(Self.tokenColumns) FROM tokens ORDER BY number",
            [],
            Self.decodedToken
        )
    }

    /// Ends a token for good; one that is revoked stays as it was.
    ///
    /// - Parameter token: Its id, or the name of one that is not revoked.
    /// - Returns: the token as it is now.
    /// - Throws: `.notFound`.
    public func revokeToken(_ token: String) throws(HoneError) -> TokenRecord {
        try connection.transaction { () throws(HoneError) -> TokenRecord in
            let id = try connection.firstRow(
                """
                SELECT id FROM tokens WHERE id = ?1 OR (name = ?1 AND revoked_at IS NULL)
                ORDER BY id = ?1 DESC LIMIT 1
                """,
                .text(token)
            ) { row throws(HoneError) in row.text(0) }
            guard let id else {
                throw HoneError(.notFound, "there is no token \"\(token)\"", param: token)
            }
            try connection.execute(
                "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                nowSeconds,
                .text(id)
            )
            let found = try connection.firstRow(
                "SELECT \(Self.tokenColumns) FROM tokens WHERE id = ?",
                .text(id),
                decode: Self.decodedToken
            )
            guard let found else { throw HoneError(.internalError, "the token \(id) is gone") }
            return found
        }
    }

    /// Notes when a token was last used.
    public func touchToken(_ id: String, at time: Date) throws(HoneError) {
        try connection.execute(
            "UPDATE tokens SET last_used_at = ? WHERE id = ?",
            .real(time.timeIntervalSince1970),
            .text(id)
        )
    }
}
