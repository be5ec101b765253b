public import Domain
import Foundation

/// A rollout to be stored.
public struct NewRollout: Sendable {
    /// Place of its prompt within the iteration's prompts, or the request's.
    public var promptIndex: Int
    /// Place within the prompt's group.
    public var sampleIndex: Int
    /// What it answers; equal prompts are stored once.
    public var prompt: Prompt
    /// Its tokens, text and log-probabilities.
    public var rollout: Rollout

    /// A rollout; the store gives it its id and date.
    public init(promptIndex: Int, sampleIndex: Int, prompt: Prompt, rollout: Rollout) {
        self.promptIndex = promptIndex
        self.sampleIndex = sampleIndex
        self.prompt = prompt
        self.rollout = rollout
    }
}

extension DataStore {
    private static let columns = """
        rollouts.id, run, purpose, iteration, unit, prompt_index, sample_index, prompts.body,
        prompt_tokens, completion_tokens, text, logprobs, sampling_logprobs, reference_logprobs,
        policy_version, stop_reason, created_at
        """

    private static func decode(_ row: Row) throws(HoneError) -> RolloutRecord {
        RolloutRecord(
            id: row.integer(0),
            runID: row.optionalInteger(1).map(RunNumber.id),
            purpose: try row.word(2),
            iteration: row.integer(3),
            unit: row.integer(4),
            promptIndex: row.integer(5),
            sampleIndex: row.integer(6),
            prompt: try row.json(7),
            rollout: Rollout(
                promptTokens: try row.packed(8),
                completionTokens: try row.packed(9),
                text: row.text(10),
                logprobs: try row.packed(11),
                samplingLogprobs: try row.packed(12),
                referenceLogprobs: try row.packed(13),
                policyVersion: row.integer(14),
                stopReason: try row.word(15)
            ),
            createdAt: row.date(16)
        )
    }

    /// Stores the rollouts of one unit of work, all or none, and returns their ids in order.
    public func insertRollouts(
        _ rollouts: [NewRollout],
        run: String?,
        purpose: RolloutRecord.Purpose,
        iteration: Int = 0,
        unit: Int = 0
    ) throws(HoneError) -> [Int] {
        let number: Int? = if let run { try RunNumber.number(run) } else { nil }
        return try connection.transaction { () throws(HoneError) -> [Int] in
            try rollouts.map { rollout throws(HoneError) in
                try insert(
                    rollout,
                    run: number,
                    purpose: purpose,
                    iteration: iteration,
                    unit: unit
                )
            }
        }
    }

    /// Stores one within a transaction and returns its id.
    func insert(
        _ new: NewRollout,
        run: Int?,
        purpose: RolloutRecord.Purpose,
        iteration: Int = 0,
        unit: Int = 0
    ) throws(HoneError) -> Int {
        let rollout = new.rollout
        let prompt = try promptID(new.prompt)
        try connection.execute(
            """
            INSERT INTO rollouts (run, purpose, iteration, unit, prompt_index, sample_index, prompt,
                prompt_tokens, completion_tokens, text, logprobs, sampling_logprobs,
                reference_logprobs, policy_version, stop_reason, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .optional(run),
            .text(purpose.rawValue),
            .integer(iteration),
            .integer(unit),
            .integer(new.promptIndex),
            .integer(new.sampleIndex),
            .integer(prompt),
            .packed(rollout.promptTokens),
            .packed(rollout.completionTokens),
            .text(rollout.text),
            .packed(rollout.logprobs),
            .packed(rollout.samplingLogprobs),
            .packed(rollout.referenceLogprobs),
            .integer(rollout.policyVersion),
            .text(rollout.stopReason.rawValue),
            nowSeconds
        )
        return connection.lastInsertedID
    }

    private func promptID(_ prompt: Prompt) throws(HoneError) -> Int {
        let body = try StoredJSON.encode(prompt)
        let found = try connection.firstRow(
            "SELECT id FROM prompts WHERE body = ?",
            .text(body)
        ) { row throws(HoneError) in row.integer(0) }
        if let found { return found }
        try connection.execute("INSERT INTO prompts (body) VALUES (?)", .text(body))
        return connection.lastInsertedID
    }

    /// One stored rollout with its scores, `nil` when there is none of that id.
    public func rollout(_ id: Int) throws(HoneError) -> RolloutRecord? {
        let found = try connection.firstRow(
            """
            SELECT \(Self.columns) FROM rollouts JOIN prompts ON prompts.id = rollouts.prompt
            WHERE rollouts.id = ?
            """,
            .integer(id),
            decode: Self.decode
        )
        return try found.map { record throws(HoneError) in try withScores(record) }
    }

    /// Those of these ids that are stored rollouts.
    public func storedRollouts(among ids: Set<Int>) throws(HoneError) -> Set<Int> {
        Set(
            try connection.rows(
                "SELECT id FROM rollouts WHERE id IN (SELECT value FROM json_each(?))",
                [.text(try StoredJSON.encode(ids.sorted()))]
            ) { row throws(HoneError) in row.integer(0) }
        )
    }

    /// Stored rollouts by id, oldest first, with their scores.
    public func rollouts(
        run: String? = nil,
        iteration: Int? = nil,
        purpose: RolloutRecord.Purpose? = nil,
        unit: Int? = nil,
        after id: Int? = nil,
        limit: Int
    ) throws(HoneError) -> Page<RolloutRecord> {
        var conditions = ["rollouts.id > ?"]
        var arguments: [SQLValue] = [.integer(id ?? 0)]
        func require(_ column: String, _ value: SQLValue) {
            conditions.append("\(column) = ?")
            arguments.append(value)
        }
        if let run { require("run", .integer(try RunNumber.number(run))) }
        if let purpose { require("purpose", .text(purpose.rawValue)) }
        if let iteration { require("iteration", .integer(iteration)) }
        if let unit { require("unit", .integer(unit)) }
        arguments.append(.onePast(limit))
        let found = try connection.rows(
            """
            SELECT \(Self.columns) FROM rollouts JOIN prompts ON prompts.id = rollouts.prompt
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY rollouts.id LIMIT ?
            """,
            arguments,
            Self.decode
        )
        var scored: [RolloutRecord] = []
        for record in found.prefix(limit) { scored.append(try withScores(record)) }
        return Page(items: scored, hasMore: found.count > limit)
    }

    /// Prompts that a run has drawn completions of, to learn from, in the iterations before one.
    public func drawnPrompts(run: String, before iteration: Int) throws(HoneError) -> Int {
        let found = try connection.firstRow(
            """
            SELECT COALESCE(SUM(drawn), 0) FROM (
                SELECT MAX(prompt_index) + 1 AS drawn FROM rollouts
                WHERE run = ? AND purpose = ? AND iteration < ? GROUP BY iteration
            )
            """,
            .integer(try RunNumber.number(run)),
            .text(RolloutRecord.Purpose.training.rawValue),
            .integer(iteration)
        ) { row throws(HoneError) in row.integer(0) }
        return found ?? 0
    }

    private func withScores(_ record: RolloutRecord) throws(HoneError) -> RolloutRecord {
        var record = record
        record.scores = try connection.rows(
            """
            SELECT reward, score, components, uncertainty, reason, token_rewards FROM scores
            WHERE rollout = ? ORDER BY reward
            """,
            [.integer(record.id)]
        ) { row throws(HoneError) in
            ScoreRecord(
                reward: row.text(0),
                score: row.optionalReal(1),
                components: try row.json(2),
                uncertainty: row.optionalReal(3),
                reason: row.optionalText(4),
                tokenRewards: try row.packed(5)
            )
        }
        return record
    }

    /// Stores the scores of one unit of work, all or none; scores that are there are replaced.
    public func insertScores(
        _ scores: [(rollout: Int, score: ScoreRecord)]
    ) throws(HoneError) {
        try connection.transaction { () throws(HoneError) in
            for (rollout, score) in scores {
                try connection.execute(
                    """
                    INSERT OR REPLACE INTO scores
                        (rollout, reward, score, components, uncertainty, reason, token_rewards)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    .integer(rollout),
                    .text(score.reward),
                    .optional(score.score),
                    .text(try StoredJSON.encode(score.components)),
                    .optional(score.uncertainty),
                    .optional(score.reason),
                    score.tokenRewards.isEmpty ? .null : .packed(score.tokenRewards)
                )
            }
        }
    }
}
