import Domain
import Rewards
import Store

/// Where a model of a reward lies.
struct RewardFolders: Sendable, Hashable {
    /// The model's folder.
    let model: String
    /// That of the model that it is compared with; `nil` where there is none.
    let reference: String?

    /// Looks a model up that a reward names.
    ///
    /// - Throws: `.unknownModel`, and what `RatioModels` throws.
    init(
        _ need: RewardSource.ModelNeed,
        _ store: DataStore,
        _ folder: DataFolder
    ) async throws(HoneError) {
        if case .compared(let name, let reference) = need {
            let ratio = try await RatioModels(name, reference: reference, store, folder)
            (model, self.reference) = (ratio.model.folder, ratio.reference.folder)
            return
        }
        guard let found = try await store.model(need.name) else {
            throw HoneError(
                .unknownModel,
                "there is no model \"\(need.name)\" for the reward",
                param: need.name
            )
        }
        (model, reference) = (found.folder, nil)
    }
}
