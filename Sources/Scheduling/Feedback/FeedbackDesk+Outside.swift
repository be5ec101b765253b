public import Domain
public import Store

// Verdicts that annotation tools send, and may send again.
extension FeedbackDesk {
    /// Keeps a verdict that a tool gave under an id of its own.
    ///
    /// Delivered again it changes nothing; with another value it corrects the one before. `lease` names
    /// the comparison that it answers: the sides are then those that were leased. One that is not known
    /// keeps the verdict all the same, about the texts.
    /// - Throws: `.unknownRun`, `.diskFull`.
    public func take(_ verdict: NewFeedback, lease: Int?) async throws(HoneError) -> FeedbackRecord
    {
        guard let external = verdict.externalID else {
            return try await store.feedback(try await submit([verdict])[0].id)
        }
        if let known = try await store.feedback(source: verdict.source, externalID: external) {
            return try await corrected(known, verdict)
        }
        if let lease, let choice = verdict.verdict.choice {
            do throws(HoneError) {
                return try await store.answer(
                    lease: lease,
                    choice: choice,
                    strength: verdict.verdict.strength,
                    rationale: verdict.rationale,
                    seconds: verdict.seconds,
                    origin: verdict
                )
            } catch  where error.code == .notFound {
                // What somebody said is kept, whatever became of the question.
            }
        }
        return try await store.feedback(try await submit([verdict])[0].id)
    }

    private func corrected(
        _ known: FeedbackRecord,
        _ verdict: NewFeedback
    ) async throws(HoneError) -> FeedbackRecord {
        var new = verdict.verdict
        // The tool knows the sides as they were shown.
        if known.swapped == true, let choice = new.choice {
            new.value = .string(choice.swapped.rawValue)
        }
        if known.content.verdict == new { return known }
        return try await store.correctFeedback(known.id, verdict: new, rationale: verdict.rationale)
    }

    /// Takes back what a tool gave; what it never gave, or took back before, changes nothing.
    ///
    /// Of several verdicts under one id, those before `from` still stand.
    ///
    /// - Throws: `.diskFull`.
    public func withdraw(
        source: String,
        externalID: String,
        from: Int = 0
    ) async throws(HoneError) {
        let known = try await store.feedbackNumbers(
            source: source,
            externalID: externalID,
            from: from
        )
        for id in known { _ = try await store.withdrawFeedback(id) }
    }
}
