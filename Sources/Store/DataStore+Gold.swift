public import Domain
import Foundation

// Comparisons whose answer is known: they measure how often annotators are right.
extension DataStore {
    /// Whether a row of `feedback` answers such a comparison, of the run `?1` or of all.
    static let isGold = """
        item IN (SELECT number FROM annotation_items
            WHERE truth IS NOT NULL AND (run IS NULL OR run = ?1))
        """

    /// Keeps comparisons with their answers, all or none, for one run or for all.
    ///
    /// - Parameters:
    ///   - items: The comparisons.
    ///   - run: A run's id; `nil` for all.
    ///   - origin: Names the request; an equal one finds the comparisons that the first kept.
    /// - Returns: their ids, in order.
    /// - Throws: `.diskFull`.
    public func insertGold(
        _ items: [NewGoldItem],
        run: String?,
        origin: String? = nil
    ) throws(HoneError) -> [Int] {
        let number: Int? = if let run { try RunNumber.number(run) } else { nil }
        return try once(origin) { () throws(HoneError) -> [Int] in
            var ids: [Int] = []
            for item in items {
                let sides = try [item.first, item.second].enumerated().map {
                    place,
                    text throws(HoneError) in
                    let side = NewRollout(
                        promptIndex: 0,
                        sampleIndex: place,
                        prompt: item.prompt,
                        rollout: .text(text)
                    )
                    return try insert(side, run: nil, purpose: .gold)
                }
                try connection.execute(
                    """
                    INSERT INTO annotation_items
                        (run, iteration, first, second, information, wanted, truth)
                    VALUES (?, 0, ?, ?, 0, \(Int32.max), ?)
                    """,
                    .optional(number),
                    .integer(sides[0]),
                    .integer(sides[1]),
                    .text(item.truth.rawValue)
                )
                ids.append(connection.lastInsertedID)
            }
            return ids
        }
    }

    /// Those that are handed out, in the order they came.
    public func goldItems(
        run: String? = nil,
        after id: Int? = nil,
        limit: Int
    ) throws(HoneError) -> Page<GoldItemRecord> {
        var arguments: [SQLValue] = [.integer(id ?? 0), .onePast(limit)]
        if let run { arguments.append(.integer(try RunNumber.number(run))) }
        let found = try connection.rows(
            """
            SELECT items.number, items.run, prompts.body, one.text, two.text, items.truth,
                (SELECT COUNT(*) FROM feedback
                    WHERE item = items.number AND withdrawn_at IS NULL),
                (SELECT COUNT(*) FROM feedback WHERE item = items.number AND withdrawn_at IS NULL
                    AND json_extract(verdict, '$.value') = items.truth)
            FROM annotation_items AS items
            JOIN rollouts AS one ON one.id = items.first
            JOIN rollouts AS two ON two.id = items.second
            JOIN prompts ON prompts.id = one.prompt
            WHERE items.number > ?1 AND truth IS NOT NULL AND closed = 0
                \(run == nil ? "" : "AND items.run = ?3")
            ORDER BY items.number LIMIT ?2
            """,
            arguments
        ) { row throws(HoneError) in
            GoldItemRecord(
                id: row.integer(0),
                runID: row.optionalInteger(1).map(RunNumber.id),
                content: NewGoldItem(
                    prompt: try row.json(2),
                    first: row.text(3),
                    second: row.text(4),
                    truth: try row.word(5)
                ),
                answered: row.integer(6),
                right: row.integer(7)
            )
        }
        return Page(items: Array(found.prefix(limit)), hasMore: found.count > limit)
    }

    /// Ends the handing out of one; what it told of annotators stays.
    ///
    /// - Throws: `.notFound`.
    public func closeGold(_ id: Int) throws(HoneError) {
        try connection.execute(
            "UPDATE annotation_items SET closed = 1 WHERE number = ? AND truth IS NOT NULL",
            .integer(id)
        )
        guard connection.changeCount > 0 else {
            throw HoneError(
                .notFound,
                "there is no comparison \(id) with a known answer",
                param: "\(id)"
            )
        }
    }

    /// Those that an annotator has not had, the least answered first.
    func freeGold(
        _ run: Int?,
        _ annotator: String,
        _ count: Int
    ) throws(HoneError) -> [Int] {
        guard count > 0 else { return [] }
        return try connection.rows(
            """
            SELECT number FROM annotation_items AS items
            WHERE truth IS NOT NULL AND closed = 0 AND (run IS NULL OR ?2 IS NULL OR run = ?2)
                AND NOT EXISTS (SELECT 1 FROM annotation_leases
                    WHERE item = items.number AND annotator = ?1)
            ORDER BY answered, number LIMIT \(count)
            """,
            [.text(annotator), .optional(run)]
        ) { row throws(HoneError) in row.integer(0) }
    }
}

extension Rollout {
    /// A text that nothing was sampled for.
    fileprivate static func text(_ text: String) -> Rollout {
        Rollout(
            promptTokens: [],
            completionTokens: [],
            text: text,
            logprobs: [],
            samplingLogprobs: [],
            referenceLogprobs: [],
            policyVersion: 0,
            stopReason: .length
        )
    }
}
