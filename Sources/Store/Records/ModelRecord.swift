public import Domain
public import Foundation

/// A model of the data folder: imported, made with random weights, or published by a run.
public struct ModelRecord: Sendable, Hashable, Codable {
    /// Unique in the data folder.
    public var name: String
    /// Whether it is a reward model: it scores texts and does not write any.
    public var isRewardModel: Bool
    /// What a reward model says of texts; `nil` for other models.
    public var rewardKind: RewardKind?
    /// The model folder.
    public var folder: String
    /// Its architecture and sizes.
    public var configuration: ModelConfiguration
    /// Numbers in its weights.
    public var parameterCount: Int
    /// Bytes of the model folder.
    public var byteCount: Int
    /// The most common type of the weights as they came: `F32`, `Q4_1`, ….
    public var sourceType: String
    /// The path it was imported from; `nil` for models made here.
    public var importedFrom: String?
    /// The run that published it; `nil` for imported models.
    public var runID: String?
    /// When it was imported or published.
    public var createdAt: Date

    /// A record; `importedFrom` and `runID` say where the model is from.
    public init(
        name: String,
        isRewardModel: Bool,
        rewardKind: RewardKind? = nil,
        folder: String,
        configuration: ModelConfiguration,
        parameterCount: Int,
        byteCount: Int,
        sourceType: String,
        importedFrom: String? = nil,
        runID: String? = nil,
        createdAt: Date
    ) {
        self.name = name
        self.isRewardModel = isRewardModel
        self.rewardKind = rewardKind ?? (isRewardModel ? .scalar : nil)
        self.folder = folder
        self.configuration = configuration
        self.parameterCount = parameterCount
        self.byteCount = byteCount
        self.sourceType = sourceType
        self.importedFrom = importedFrom
        self.runID = runID
        self.createdAt = createdAt
    }
}
