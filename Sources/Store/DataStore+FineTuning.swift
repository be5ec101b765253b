public import Domain

// Runs that were asked for as fine-tuning jobs.
extension DataStore {
    /// Notes that a run is a job.
    public func insertJob(id: String, run: String, request: Value) throws(HoneError) {
        try connection.execute(
            "INSERT INTO fine_tuning_jobs (id, run, request, created_at) VALUES (?, ?, ?, ?)",
            .text(id),
            .integer(try RunNumber.number(run)),
            .text(try StoredJSON.encode(request)),
            nowSeconds
        )
    }

    /// A job by id.
    ///
    /// - Throws: `.notFound`.
    public func job(_ id: String) throws(HoneError) -> FineTuningJobRecord {
        if let found = try existingJob(id) { return found }
        throw HoneError(.notFound, "there is no fine-tuning job \"\(id)\"", param: id)
    }

    /// A job by id, `nil` when there is none.
    public func existingJob(_ id: String) throws(HoneError) -> FineTuningJobRecord? {
        let found = try connection.firstRow(
            "SELECT id, run, request FROM fine_tuning_jobs WHERE id = ?",
            .text(id)
        ) { row throws(HoneError) in (row.integer(1), try row.json(2) as Value) }
        guard let (number, request) = found else { return nil }
        return FineTuningJobRecord(id: id, request: request, run: try run(RunNumber.id(number)))
    }

    /// Jobs, the newest first.
    ///
    /// - Parameters:
    ///   - id: The last job of the page before, which must be there.
    ///   - limit: The most jobs.
    /// - Returns: a page.
    /// - Throws: what the database says.
    public func jobs(
        after id: String?,
        limit: Int
    ) throws(HoneError) -> Page<FineTuningJobRecord> {
        let found = try connection.rows(
            """
            SELECT id, run, request FROM fine_tuning_jobs
            WHERE ?1 IS NULL OR number < (SELECT number FROM fine_tuning_jobs WHERE id = ?1)
            ORDER BY number DESC LIMIT ?2
            """,
            [.optional(id), .onePast(limit)]
        ) { row throws(HoneError) in (row.text(0), row.integer(1), try row.json(2) as Value) }
        var jobs: [FineTuningJobRecord] = []
        for (id, number, request) in found {
            jobs.append(
                FineTuningJobRecord(id: id, request: request, run: try run(RunNumber.id(number)))
            )
        }
        return Page(jobs, limit: limit)
    }

    /// A run's events, the newest first.
    ///
    /// - Parameters:
    ///   - run: The run's id.
    ///   - id: The last event of the page before.
    ///   - limit: The most events.
    /// - Returns: a page.
    /// - Throws: `.unknownRun`.
    public func newestEvents(
        run: String,
        before id: Int?,
        limit: Int
    ) throws(HoneError) -> Page<EventRecord> {
        let found = try connection.rows(
            """
            SELECT id, time, kind, payload FROM events WHERE run = ? AND id < ?
            ORDER BY id DESC LIMIT ?
            """,
            [.integer(try RunNumber.number(run)), .integer(id ?? .max), .onePast(limit)]
        ) { row throws(HoneError) in try Self.event(row, of: run) }
        return Page(found, limit: limit)
    }
}
