import Domain

extension DataStore {
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
                .text(try JSONText.encode(numbers)),
                nowSeconds
            )
            return numbers
        }
    }
}
