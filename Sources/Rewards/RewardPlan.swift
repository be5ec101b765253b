public import Domain

/// A reward spec, read and validated: a tree whose leaves are local rewards or models.
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
        /// The model whose score it is; `nil` when it is computed here.
        public internal(set) var modelName: String?
        let type: (any Reward.Type)?
        let parameters: ParameterValues
        let path: String
    }

    /// The leaves, in the spec's order.
    public private(set) var leaves: [Leaf] = []
    let root: Node

    /// How deep rewards may be nested.
    public static let maximumDepth = 16

    /// Reads the spec at `path` of the user's input; throws all its faults.
    public init(_ spec: Value, path: String = "$") throws(Faults) {
        var leaves: [Leaf] = []
        root = try Self.read(spec, path, depth: 0, &leaves)
        self.leaves = leaves
    }

    /// The models whose scores are needed, each once.
    public var modelNames: [String] { unique(leaves.compactMap { $0.modelName }) }

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

    private func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}

extension RewardPlan {
    private static func read(
        _ spec: Value,
        _ path: String,
        depth: Int,
        _ leaves: inout [Leaf]
    )
        throws(Faults) -> Node
    {
        guard depth < maximumDepth else {
            throw Faults([Fault(path: path, message: "is nested deeper than \(maximumDepth)")])
        }
        guard let name = spec["name"]?.stringValue else {
            let message = "must be an object with the \"name\" of a reward"
            throw Faults([Fault(path: path, message: message)])
        }
        guard let type = RewardCatalogue.type(named: name) else {
            throw Faults([RewardCatalogue.unknown(name, path: path)])
        }
        let values = try ParameterValues(
            spec,
            describedBy: type.parameters,
            path: path,
            ignoring: ["name"]
        )
        if let type = type as? any RewardCombination.Type {
            return try combination(type, values, path, depth, &leaves)
        }
        return try leaf(type, values, path, &leaves)
    }

    private static func leaf(
        _ type: any RewardEntry.Type,
        _ values: ParameterValues,
        _ path: String,
        _ leaves: inout [Leaf]
    ) throws(Faults) -> Node {
        let model = type is ModelReward.Type ? values.string("model") : nil
        if model == "" {
            throw Faults([Fault(path: "\(path).model", message: "must not be empty")])
        }
        let label = model ?? type.name
        var (unique, count) = (label, 1)
        while leaves.contains(where: { $0.label == unique }) {
            count += 1
            unique = "\(label)#\(count)"
        }
        leaves.append(
            Leaf(
                label: unique,
                modelName: model,
                type: type as? any Reward.Type,
                parameters: values,
                path: path
            )
        )
        return .leaf(leaves.count - 1)
    }

    private static func combination(
        _ type: any RewardCombination.Type,
        _ values: ParameterValues,
        _ path: String,
        _ depth: Int,
        _ leaves: inout [Leaf]
    ) throws(Faults) -> Node {
        guard let list = values.values["rewards"]?.arrayValue, !list.isEmpty else {
            let message = "must be a list of at least one {\"weight\", \"reward\"}"
            throw Faults([Fault(path: "\(path).rewards", message: message)])
        }
        var (weights, nodes, faults): ([Double], [Node], [Fault]) = ([], [], [])
        for (index, item) in list.enumerated() {
            var reader = FieldReader(item, path: "\(path).rewards[\(index)]")
            weights.append(reader.number("weight", in: .any) ?? 1)
            let reward = reader.requiredValue("reward")
            do throws(Faults) {
                try reader.finish()
                let place = reader.path + ".reward"
                nodes.append(try read(reward ?? .null, place, depth: depth + 1, &leaves))
            } catch {
                faults += error.list
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
        return .combination(try type.init(values, weights: weights, path: path), nodes)
    }
}
