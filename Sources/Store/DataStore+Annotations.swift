public import Domain
import Foundation

// What people are asked.
extension DataStore {
    /// Hands out the comparisons that tell most, none twice to one person, each for a time.
    ///
    /// What another has and did not answer in time is handed out again. A share of them, drawn at
    /// random, are comparisons whose answer is known, where there are some that the annotator has not
    /// had.
    public func lease(
        run: String?,
        annotator: String,
        count: Int,
        seconds: Double,
        goldShare: Double = 0,
        swaps: (Int) -> Bool = { _ in Bool.random() },
        draw: () -> Double = { Double.random(in: 0..<1) }
    ) throws(HoneError) -> [AnnotationLease] {
        let number: Int? = if let run { try RunNumber.number(run) } else { nil }
        let ids = try connection.transaction { () throws(HoneError) -> [(lease: Int, shown: Int)] in
            let free = try freeItems(number, annotator, count)
            let places = free.indices.filter { _ in draw() < goldShare }
            let gold = try freeGold(number, annotator, places.count)
            var items = free
            for (place, item) in zip(places, gold) { items[place] = item }
            return try zip(items, free).map { item, shown throws(HoneError) in
                let id = try insertLease(item, annotator, seconds, isSwapped: swaps(item))
                return (id, shown)
            }
        }
        return try ids.map { id, shown throws(HoneError) in
            var lease = try lease(id).lease
            if lease.item != shown { try disguise(&lease, as: shown) }
            return lease
        }
    }

    /// Nothing tells who is measured that they are.
    private func disguise(_ lease: inout AnnotationLease, as item: Int) throws(HoneError) {
        let found = try connection.firstRow(
            "SELECT run, iteration FROM annotation_items WHERE number = ?",
            .integer(item)
        ) { row throws(HoneError) in
            (run: row.optionalInteger(0).map(RunNumber.id), iteration: row.integer(1))
        }
        guard let found else { return }
        (lease.runID, lease.iteration) = (found.run, found.iteration)
    }

    /// Hands a comparison out; the lease's id.
    func insertLease(
        _ item: Int,
        _ annotator: String,
        _ seconds: Double,
        isSwapped: Bool
    ) throws(HoneError) -> Int {
        try connection.execute(
            """
            INSERT INTO annotation_leases (item, annotator, swapped, state, leased_at, expires_at)
            VALUES (?, ?, ?, 'open', ?, ?)
            """,
            .integer(item),
            .text(annotator),
            .integer(isSwapped ? 1 : 0),
            nowSeconds,
            .real(now().timeIntervalSince1970 + seconds)
        )
        return connection.lastInsertedID
    }

    /// Comparisons that may be handed to somebody; with `target` such as never were to that project.
    func freeItems(
        _ run: Int?,
        _ annotator: String,
        _ count: Int,
        target: String? = nil
    ) throws(HoneError) -> [Int] {
        var filter = run == nil ? "" : "run = ?3 AND"
        var arguments: [SQLValue] = [nowSeconds, .text(annotator)]
        if let run { arguments.append(.integer(run)) }
        if let target {
            arguments.append(.text(target))
            filter += """
                 NOT EXISTS (SELECT 1 FROM pushed_items
                    WHERE item = items.number AND target = ?\(arguments.count)) AND
                """
        }
        return try connection.rows(
            """
            SELECT number FROM annotation_items AS items
            WHERE \(filter) closed = 0 AND truth IS NULL AND answered < wanted
                AND answered + (SELECT COUNT(*) FROM annotation_leases
                    WHERE item = items.number AND state = 'open' AND expires_at > ?1) < wanted
                AND NOT EXISTS (SELECT 1 FROM annotation_leases
                    WHERE item = items.number AND annotator = ?2
                        AND state <> 'released' AND (state <> 'open' OR expires_at > ?1))
            ORDER BY information DESC, number LIMIT \(max(0, count))
            """,
            arguments
        ) { row throws(HoneError) in row.integer(0) }
    }

    /// A lease as it was handed out.
    func annotationLease(_ id: Int) throws(HoneError) -> AnnotationLease { try lease(id).lease }

    private func lease(
        _ id: Int
    ) throws(HoneError) -> (lease: AnnotationLease, state: String, swapped: Bool, feedback: Int?) {
        let found = try connection.firstRow(
            """
            SELECT leases.item, items.run, items.iteration, leases.annotator, leases.expires_at,
                leases.state, leases.swapped, leases.feedback,
                one.id, one.text, two.id, two.text, prompts.body
            FROM annotation_leases AS leases
            JOIN annotation_items AS items ON items.number = leases.item
            JOIN rollouts AS one ON one.id = items.first
            JOIN rollouts AS two ON two.id = items.second
            JOIN prompts ON prompts.id = one.prompt
            WHERE leases.number = ?
            """,
            .integer(id)
        ) { row throws(HoneError) in
            let sides = [
                FeedbackSubject(rollout: row.integer(8), text: row.text(9)),
                FeedbackSubject(rollout: row.integer(10), text: row.text(11)),
            ]
            let swapped = row.integer(6) != 0
            let lease = AnnotationLease(
                id: id,
                item: row.integer(0),
                runID: row.optionalInteger(1).map(RunNumber.id),
                iteration: row.integer(2),
                annotator: row.text(3),
                prompt: try row.json(12),
                first: sides[swapped ? 1 : 0],
                second: sides[swapped ? 0 : 1],
                expiresAt: row.date(4)
            )
            return (lease, row.text(5), swapped, row.optionalInteger(7))
        }
        guard let found else { throw Self.noLease(id) }
        return found
    }

    /// Who has a comparison in their hands, or had.
    ///
    /// - Throws: `.notFound`.
    public func annotator(ofLease id: Int) throws(HoneError) -> String {
        try lease(id).lease.annotator
    }

    /// The error of a lease that is not there, or not for whoever asks.
    public static func noLease(_ id: Int) -> HoneError {
        HoneError(.notFound, "there is no lease \(id)", param: "\(id)")
    }

    /// Answers a leased comparison.
    ///
    /// `choice` is about the sides as they were shown; what is stored is
    /// about the completions. The same answer again changes nothing.
    ///
    /// `origin` says through which tool it came, and who judged there. A tool shows one task to several
    /// people, and late: what each of them said is kept about the comparison.
    /// - Throws: `.notFound`; without `origin` `.conflict` for another answer to one that has been
    ///   answered, and for one that ran out and is with somebody else by now.
    public func answer(
        lease id: Int,
        choice: Verdict.Choice,
        strength: Double?,
        rationale: String?,
        seconds: Double?,
        origin: NewFeedback? = nil
    ) throws(HoneError) -> FeedbackRecord {
        let number = try connection.transaction { () throws(HoneError) -> Int in
            let (lease, state, swapped, known) = try lease(id)
            let value = swapped ? choice.swapped : choice
            if origin == nil, state == "answered", let known {
                guard try feedback(known).content.verdict.choice == value else {
                    throw HoneError(
                        .conflict,
                        "lease \(id) has been answered otherwise: correct feedback \(known)",
                        param: "\(id)"
                    )
                }
                return known
            }
            if origin == nil { try requireOpen(lease, state) }
            let sides = swapped ? [lease.second, lease.first] : [lease.first, lease.second]
            var new = NewFeedback(
                Verdict(kind: .pairwise, value: .string(value.rawValue), strength: strength),
                subjects: sides,
                source: "queue"
            )
            (new.annotator, new.rationale, new.seconds) = (lease.annotator, rationale, seconds)
            if let origin {
                (new.source, new.externalID) = (origin.source, origin.externalID)
                new.annotator = origin.annotator ?? new.annotator
            }
            let receipt = try insert(new, item: lease.item, swapped: swapped)
            // Delivered twice at the same time: it is one answer.
            if receipt.isDuplicate { return receipt.id }
            try connection.execute(
                """
                UPDATE annotation_leases SET state = 'answered', feedback = ?
                WHERE number = ? AND state <> 'answered'
                """,
                .integer(receipt.id),
                .integer(id)
            )
            try connection.execute(
                "UPDATE annotation_items SET answered = answered + 1 WHERE number = ?",
                .integer(lease.item)
            )
            return receipt.id
        }
        return try feedback(number)
    }

    private func requireOpen(_ lease: AnnotationLease, _ state: String) throws(HoneError) {
        // One that was taken back may be answered anew.
        guard state == "open" || state == "withdrawn" else {
            throw HoneError(
                .conflict,
                "lease \(lease.id) was \(state): lease again",
                param: "\(lease.id)"
            )
        }
        guard lease.expiresAt <= now() else { return }
        let others = try connection.firstRow(
            """
            SELECT (SELECT answered FROM annotation_items WHERE number = ?1) + COUNT(*),
                (SELECT wanted FROM annotation_items WHERE number = ?1)
            FROM annotation_leases
            WHERE item = ?1 AND number <> ?2 AND state = 'open' AND expires_at > ?3
            """,
            .integer(lease.item),
            .integer(lease.id),
            nowSeconds
        ) { row throws(HoneError) in (taken: row.integer(0), wanted: row.integer(1)) }
        guard let others, others.taken < others.wanted else {
            throw HoneError(
                .conflict,
                "lease \(lease.id) ran out and the comparison went to somebody else: lease again",
                param: "\(lease.id)"
            )
        }
    }

    /// Gives a comparison back unanswered.
    ///
    /// Twice is once. `again`: its holder may be asked again.
    /// - Throws: `.notFound`, `.conflict` when it has been answered.
    public func returnLease(_ id: Int, again: Bool = false) throws(HoneError) {
        try connection.transaction { () throws(HoneError) in
            let (_, state, _, _) = try lease(id)
            guard state != "answered" else {
                throw HoneError(
                    .conflict,
                    "lease \(id) has been answered: withdraw its feedback instead",
                    param: "\(id)"
                )
            }
            try connection.execute(
                "UPDATE annotation_leases SET state = ? WHERE number = ?",
                .text(again ? "released" : "returned"),
                .integer(id)
            )
        }
    }

    /// Comparisons that wait for an answer.
    public func openItems(run: String?) throws(HoneError) -> Int {
        let number: Int? = if let run { try RunNumber.number(run) } else { nil }
        let filter = number == nil ? "" : "run = ? AND"
        return try connection.rows(
            "SELECT COUNT(*) FROM annotation_items WHERE \(filter) closed = 0 AND truth IS NULL AND answered < wanted",
            number.map { [.integer($0)] } ?? []
        ) { row throws(HoneError) in row.integer(0) }.first ?? 0
    }
}
