/// What an objective needs of the data, so that a run can be refused before it starts.
public struct DataRequirements: Sendable, Hashable {
    /// The structure of the data; raw values are the JSON names.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case pairs
        case groups
        case sequences
    }

    /// The structure the objective is defined on.
    public var kind: Kind
    /// What must be there beside the policy's log-probabilities.
    public var fields: Set<BatchField>
    /// The fewest completions a group may have.
    public var minimumGroupSize: Int
    /// Whether the loss refers to detached means over the whole batch.
    public var usesBatchStatistics: Bool

    /// Requirements of one objective.
    public init(
        _ kind: Kind,
        _ fields: Set<BatchField> = [],
        minimumGroupSize: Int = 1,
        usesBatchStatistics: Bool = false
    ) {
        self.kind = kind
        self.fields = fields
        self.minimumGroupSize = minimumGroupSize
        self.usesBatchStatistics = usesBatchStatistics
    }

    /// Whether a reference policy must be kept.
    public var needsReference: Bool { fields.contains(.referenceLogprobs) }
    /// Whether a value head must be trained.
    public var trainsValues: Bool { fields.contains(.values) }
    /// Whether the gradient reaches the policy's entropy.
    public var trainsEntropies: Bool { fields.contains(.entropies) }
    /// Whether a scalar score head is trained in place of the policy (reward models).
    public var trainsScores: Bool { fields.contains(.score) }
}
