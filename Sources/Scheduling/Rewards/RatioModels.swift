import Domain
import Store

/// Two language models whose log-ratio is a reward.
struct RatioModels: Sendable {
    /// The one that learned.
    let model: ModelRecord
    /// What it is compared with.
    let reference: ModelRecord

    /// Looks both up.
    ///
    /// - Parameters:
    ///   - name: The model's.
    ///   - reference: The reference's; `nil`: what the run that made the model started from.
    ///   - store: Where models and runs are listed.
    ///   - folder: Where runs keep copies of what they started from.
    /// - Throws: `.unknownModel` for a name that nothing has, `.invalidRequest` for models that
    ///   cannot be compared, or a reference that nobody knows.
    init(
        _ name: String,
        reference: String?,
        _ store: DataStore,
        _ folder: DataFolder
    ) async throws(HoneError) {
        model = try await Self.languageModel(name, store)
        if let reference {
            self.reference = try await Self.languageModel(reference, store)
        } else {
            self.reference = try await Self.start(of: model, store, folder)
        }
        let (own, other) = (model.configuration, self.reference.configuration)
        guard own.vocabularySize == other.vocabularySize else {
            throw HoneError(
                .invalidRequest,
                "\"\(name)\" has a vocabulary of \(own.vocabularySize) tokens, its reference "
                    + "\"\(self.reference.name)\" one of \(other.vocabularySize): name the model that "
                    + "it was trained from as the reference",
                param: name
            )
        }
    }

    private static func languageModel(
        _ name: String,
        _ store: DataStore
    ) async throws(HoneError) -> ModelRecord {
        guard let found = try await store.model(name) else {
            let known = try await store.models().filter { !$0.isRewardModel }.map(\.name)
            throw HoneError(
                .unknownModel,
                Names.unknown("language model", name, among: known),
                param: name
            )
        }
        guard !found.isRewardModel else {
            throw HoneError(
                .invalidRequest,
                "\"\(name)\" is a reward model, not a language model: use the reward \"model\"",
                param: name
            )
        }
        return found
    }

    /// The weights that the run which made a model started from: its own copy of them, where it has one.
    private static func start(
        of model: ModelRecord,
        _ store: DataStore,
        _ folder: DataFolder
    ) async throws(HoneError) -> ModelRecord {
        guard let run = model.runID,
            let name = try await startName(of: model, store)
        else {
            throw HoneError(
                .invalidRequest,
                "no run that is still known made \"\(model.name)\", so that nobody knows what it was "
                    + "trained from: name it as the \"reference\"",
                param: model.name
            )
        }
        guard folder.exists(folder.base(run)) else { return try await languageModel(name, store) }
        var record = model
        (record.name, record.folder) = (name, folder.base(run))
        return record
    }

    /// The name of what a model was trained from; `nil` when no run is known that made it.
    static func startName(
        of model: ModelRecord,
        _ store: DataStore
    ) async throws(HoneError) -> String? {
        guard let run = model.runID else { return nil }
        return try await store.findRun(run)?.spec.model
    }
}
