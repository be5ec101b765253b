public import Domain

// Comparisons that are sent to an annotation tool: each is leased for good before it is sent, so that a
// kill between the two loses none and doubles none.
extension DataStore {
    /// Leases comparisons for a tool's project, none twice to one project, and notes that they are to be
    /// sent.
    ///
    /// - Parameters:
    ///   - target: The project, by the URL it is at.
    ///   - run: The run that asks, by id; `nil`: any.
    ///   - count: The most that are leased.
    ///   - seconds: For how long they are the project's alone.
    ///   - swaps: Whether the sides of an item are shown in the other order.
    /// - Returns: How many.
    /// - Throws: `.diskFull`.
    public func takePushes(
        target: String,
        run: String?,
        count: Int,
        seconds: Double,
        swaps: (Int) -> Bool = { _ in Bool.random() }
    ) throws(HoneError) -> Int {
        let number: Int? = if let run { try RunNumber.number(run) } else { nil }
        return try connection.transaction { () throws(HoneError) -> Int in
            let items = try freeItems(number, target, count, target: target)
            for item in items {
                let lease = try insertLease(item, target, seconds, isSwapped: swaps(item))
                try connection.execute(
                    "INSERT INTO pushed_items (target, item, lease) VALUES (?, ?, ?)",
                    .text(target),
                    .integer(item),
                    .integer(lease)
                )
            }
            return items.count
        }
    }

    /// What was leased for a project, is not known to be there, and still waits for an answer.
    public func pendingPushes(target: String) throws(HoneError) -> [PendingPush] {
        let rows = try connection.rows(
            """
            SELECT pushes.lease, pushes.attempted_at FROM pushed_items AS pushes
            JOIN annotation_leases AS leases ON leases.number = pushes.lease
            JOIN annotation_items AS items ON items.number = pushes.item
            WHERE pushes.target = ? AND pushes.pushed_at IS NULL AND leases.state = 'open'
                AND items.closed = 0 AND items.answered < items.wanted
            ORDER BY pushes.lease
            """,
            [.text(target)]
        ) { row throws(HoneError) in (row.integer(0), row.optionalDate(1) != nil) }
        var found: [PendingPush] = []
        for (id, isAttempted) in rows {
            found.append(PendingPush(lease: try annotationLease(id), isAttempted: isAttempted))
        }
        return found
    }

    /// Notes that these are being sent: what becomes of them may stay unknown.
    public func attemptPushes(target: String, leases: [Int]) throws(HoneError) {
        try connection.transaction { () throws(HoneError) in
            for lease in leases {
                try connection.execute(
                    "UPDATE pushed_items SET attempted_at = ? WHERE target = ? AND lease = ?",
                    nowSeconds,
                    .text(target),
                    .integer(lease)
                )
            }
        }
    }

    /// Notes that these are in the project; `tasks` has the tool's own ids, by lease.
    public func finishPushes(target: String, tasks: [Int: Int?]) throws(HoneError) {
        try connection.transaction { () throws(HoneError) in
            for (lease, task) in tasks {
                try connection.execute(
                    "UPDATE pushed_items SET pushed_at = ?, task = ? WHERE target = ? AND lease = ?",
                    nowSeconds,
                    .optional(task),
                    .text(target),
                    .integer(lease)
                )
            }
        }
    }

    /// Whether a change that a tool tells of is not older than what it told before; then it is
    /// remembered.
    ///
    /// `time` is the tool's own, as ISO 8601 in UTC.
    public func admitsChange(
        source: String,
        externalID: String,
        time: String
    ) throws(HoneError) -> Bool {
        try connection.execute(
            """
            INSERT INTO outside_changes (source, external_id, changed_at) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at
                WHERE excluded.changed_at >= changed_at
            """,
            .text(source),
            .text(externalID),
            .text(time)
        )
        return connection.changeCount > 0
    }
}
