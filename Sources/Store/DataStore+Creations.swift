public import Domain

// What keeps a request that is sent again from being done twice.
extension DataStore {
    /// Claims an idempotency key for a request with this body.
    public func claim(key: String, bodyHash: String) throws(HoneError) -> IdempotencyClaim {
        try connection.transaction { () throws(HoneError) -> IdempotencyClaim in
            let known = try connection.firstRow(
                "SELECT body_hash, status, reply FROM idempotency_keys WHERE key = ?",
                .text(key)
            ) { row throws(HoneError) in
                (hash: row.text(0), status: row.integer(1), reply: row.optionalText(2))
            }
            guard let known else {
                try connection.execute(
                    "INSERT INTO idempotency_keys (key, body_hash, created_at) VALUES (?, ?, ?)",
                    .text(key),
                    .text(bodyHash),
                    nowSeconds
                )
                return .claimed
            }
            guard known.hash == bodyHash else { return .conflict }
            guard let reply = known.reply else { return .inProgress }
            return .replay(status: known.status, body: reply)
        }
    }

    /// Keeps the reply of a claimed key.
    public func finish(key: String, status: Int, reply: String) throws(HoneError) {
        try connection.execute(
            "UPDATE idempotency_keys SET status = ?, reply = ? WHERE key = ?",
            .integer(status),
            .text(reply),
            .text(key)
        )
    }

    /// Gives a claimed key back.
    public func abandon(key: String) throws(HoneError) {
        try connection.execute(
            "DELETE FROM idempotency_keys WHERE key = ? AND reply IS NULL",
            .text(key)
        )
    }

    /// Creates rows in one transaction, or finds those that an equal request has created before: its
    /// process may have died before it could reply.
    ///
    /// - Parameters:
    ///   - origin: Names the request; `nil` creates in any case.
    ///   - create: Inserts the rows.
    /// - Returns: Their numbers.
    /// - Throws: What `create` throws, `.diskFull`.
    func once(
        _ origin: String?,
        _ create: () throws(HoneError) -> [Int]
    ) throws(HoneError) -> [Int] {
        try connection.transaction { () throws(HoneError) -> [Int] in
            guard let origin else { return try create() }
            let known = try connection.firstRow(
                "SELECT numbers FROM creations WHERE origin = ?",
                .text(origin)
            ) { row throws(HoneError) in try row.json(0) as [Int] }
            if let known { return known }
            let numbers = try create()
            try connection.execute(
                "INSERT INTO creations (origin, numbers, created_at) VALUES (?, ?, ?)",
                .text(origin),
                .text(try StoredJSON.encode(numbers)),
                nowSeconds
            )
            return numbers
        }
    }
}
