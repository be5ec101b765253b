import Domain

/// Batches that clients of an external run have sent, and the run's wait for the next one.
actor UpdateInbox {
    /// A batch and the client that waits for its result.
    struct Ticket: Sendable {
        let batch: UpdateBatch
        let reply: CheckedContinuation<Result<UpdateResult, HoneError>, Never>
    }

    private var tickets: [Ticket] = []
    private var waiting: CheckedContinuation<Ticket?, Never>?
    private var isInterrupted = false
    private var isClosed = false

    /// Hands in a batch and waits for the result of its step.
    func submit(_ batch: UpdateBatch) async throws(HoneError) -> UpdateResult {
        if isClosed { throw Self.closed }
        let result = await withCheckedContinuation { reply in
            let ticket = Ticket(batch: batch, reply: reply)
            if let waiting {
                self.waiting = nil
                waiting.resume(returning: ticket)
            } else {
                tickets.append(ticket)
            }
        }
        return try result.get()
    }

    /// The next batch; `nil` when the wait was interrupted.
    func next() async -> Ticket? {
        if isInterrupted || isClosed {
            isInterrupted = false
            return nil
        }
        if !tickets.isEmpty { return tickets.removeFirst() }
        return await withCheckedContinuation { waiting = $0 }
    }

    /// Ends the current wait, or the next one.
    func interrupt() {
        if let waiting {
            self.waiting = nil
            waiting.resume(returning: nil)
        } else {
            isInterrupted = true
        }
    }

    /// Refuses what is still waiting and everything to come.
    func close() {
        isClosed = true
        waiting?.resume(returning: nil)
        waiting = nil
        for ticket in tickets { ticket.reply.resume(returning: .failure(Self.closed)) }
        tickets = []
    }

    private static let closed = HoneError(
        .conflict,
        "the run is not running: resume it before sending updates"
    )
}
