public import Domain
import Foundation

extension DataStore {
    private static let columns = """
        name, is_reward_model, folder, configuration, parameter_count, byte_count, source_type,
        imported_from, run_id, created_at, reward_kind
        """

    private func decode(_ row: Row) throws(HoneError) -> ModelRecord {
        ModelRecord(
            name: row.text(0),
            isRewardModel: row.integer(1) != 0,
            rewardKind: row.optionalText(10).flatMap(RewardKind.init(rawValue:)),
            folder: absolute(row.text(2)),
            configuration: try row.json(3),
            parameterCount: row.integer(4),
            byteCount: row.integer(5),
            sourceType: row.text(6),
            importedFrom: row.optionalText(7),
            runID: row.optionalText(8),
            createdAt: row.date(9)
        )
    }

    /// All models by name.
    public func models() throws(HoneError) -> [ModelRecord] {
        try connection.rows("SELECT \(Self.columns) FROM models ORDER BY name", [], decode)
    }

    /// One model, `nil` when there is none of that name.
    public func model(_ name: String) throws(HoneError) -> ModelRecord? {
        try connection.firstRow(
            "SELECT \(Self.columns) FROM models WHERE name = ?",
            .text(name),
            decode: decode
        )
    }

    /// Adds a model whose folder is on disk.
    ///
    /// - Throws: `.conflict` when the name is taken.
    public func insertModel(_ model: ModelRecord) throws(HoneError) {
        // Counted even if it fails: an error may come after the change has reached the disk.
        defer { modelChanges.advance() }
        try connection.execute(
            "INSERT INTO models (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            .text(model.name),
            .integer(model.isRewardModel ? 1 : 0),
            .text(relative(model.folder)),
            .text(try StoredJSON.encode(model.configuration)),
            .integer(model.parameterCount),
            .integer(model.byteCount),
            .text(model.sourceType),
            .optional(model.importedFrom),
            .optional(model.runID),
            .real(model.createdAt.timeIntervalSince1970),
            .optional(model.rewardKind?.rawValue)
        )
    }

    /// Forgets a model (before its folder goes).
    public func deleteModel(_ name: String) throws(HoneError) {
        defer { modelChanges.advance() }
        try connection.execute("DELETE FROM models WHERE name = ?", .text(name))
    }
}
