public import Domain

/// A reward spec, read and validated: a tree whose leaves are computed here or come from a source.
///
/// Reading a plan needs no files; `scorer(files:)` makes it ready once the caller has loaded them.
public struct RewardPlan: Sendable {
    indirect enum Node: Sendable {
        case leaf(Int)
        case combination(any RewardCombination, [Node])
    }

    /// One reward of the tree that is computed on its own.
    public struct Leaf: Sendable {
        /// What the leaf is called among the components; unique within the plan.
        public internal(set) var label: String
        /// Where its numbers come from; `nil` when they are computed here.
        public internal(set) var source: RewardSource?
        let type: (any Reward.Type)?
        let parameters: ParameterValues
        let path: String

        /// The name of the model whose score it is; `nil` when it is another's or computed here.
        public var modelName: String? { source?.model?.names.first }
    }

    /// The leaves, in the spec's order.
    public let leaves: [Leaf]
    /// What the whole reward's numbers mean.
    public let scale: RewardScale
    let root: Node

    /// How deep rewards may be nested.
    public static let maximumDepth = 16

    /// The most leaves of one reward.
    public static let maximumLeaves = 256

    /// Reads the spec at `path` of the user's input; throws all its faults.
    public init(_ spec: Value, path: String = "$") throws(Faults) {
        var reader = RewardPlanReader()
        let found = try reader.read(spec, path, depth: 0)
        root = found.node
        scale = found.scale
        leaves = reader.leaves
    }

    /// Whether the reward compares the completions of a group: its score is a win rate among them.
    public var isPreference: Bool { scale == .preference }

    /// Whether a part looks at further fields of the prompt's record.
    public var readsItems: Bool {
        leaves.contains { leaf in
            switch leaf.source {
            case .scoreModel, .labelModel, .python, .remote: true
            case .model, .ensemble, .preferenceModel, .implicit, .judge: false
            case nil: GraderReward.types.contains { $0 == leaf.type }
            }
        }
    }

    /// The models that workers have to open, each once.
    public var models: [RewardSource.ModelNeed] { unique(leaves.compactMap { $0.source?.model }) }

    /// The names of the models that are needed, each once.
    public var modelNames: [String] { unique(leaves.flatMap { $0.source?.model?.names ?? [] }) }

    /// The places of the leaves that reward every token.
    public var tokenLeaves: [Int] {
        leaves.indices.filter { leaves[$0].source?.rewardsTokens == true }
    }

    /// The files whose text is needed, each once, as they are spelled in the spec.
    public var files: [String] {
        unique(
            leaves.flatMap { leaf in
                (leaf.type?.fileParameters ?? []).compactMap {
                    leaf.parameters.values[$0]?.stringValue
                }
            }
        )
    }

    private func unique<Name: Hashable>(_ names: [Name]) -> [Name] {
        var seen: Set<Name> = []
        return names.filter { seen.insert($0).inserted }
    }
}
