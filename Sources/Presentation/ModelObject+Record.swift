public import APITypes
import Domain
public import Store

extension ModelObject {
    /// A model as it is listed.
    public init(_ record: ModelRecord) {
        self.init(
            id: record.name,
            created: record.createdAt.unixSeconds,
            ownedBy: record.runID ?? (record.importedFrom == nil ? "create" : "import"),
            kind: record.isRewardModel ? "reward" : "policy",
            architecture: record.configuration.architecture
        )
        rewardKind = record.rewardKind?.rawValue
        parameterCount = record.parameterCount
        byteCount = record.byteCount
        sourceType = record.sourceType
        contextLength = record.configuration.contextLength
        layerCount = record.configuration.layerCount
        vocabularySize = record.configuration.vocabularySize
        run = record.runID
    }
}
