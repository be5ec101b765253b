import Domain

/// Reads a reward spec into a tree, collecting its leaves.
struct RewardPlanReader {
    /// A part of the tree, and what its numbers mean.
    struct Found {
        var node: RewardPlan.Node
        var scale: RewardScale
    }

    private(set) var leaves: [RewardPlan.Leaf] = []

    /// Reads the reward at `path`; throws all its faults.
    mutating func read(_ spec: Value, _ path: String, depth: Int) throws(Faults) -> Found {
        guard depth < RewardPlan.maximumDepth else {
            let message = "is nested deeper than \(RewardPlan.maximumDepth)"
            throw Faults([Fault(path: path, message: message)])
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
        if type is GraderReward.Type {
            let grader = values.values["grader"] ?? .null
            return try self.grader(grader, "\(path).grader", depth: depth + 1)
        }
        if let type = type as? any RewardCombination.Type {
            return try combination(type, values, path, depth)
        }
        if let type = type as? any SourcedReward.Type {
            let reward = try type.init(values, path: path)
            return try sourced(reward.source, label: reward.label, values, path)
        }
        return try leaf(type as? any Reward.Type, label: type.name, values, path)
    }

    /// Adds a leaf that is computed here.
    mutating func leaf(
        _ type: (any Reward.Type)?,
        label: String,
        _ values: ParameterValues,
        _ path: String
    ) throws(Faults) -> Found {
        try add(
            RewardPlan.Leaf(
                label: unused(label),
                source: nil,
                type: type,
                parameters: values,
                path: path
            )
        )
    }

    /// Adds a leaf whose numbers come from elsewhere.
    mutating func sourced(
        _ source: RewardSource,
        label: String,
        _ values: ParameterValues,
        _ path: String
    ) throws(Faults) -> Found {
        var found = try add(
            RewardPlan.Leaf(
                label: unused(label),
                source: source,
                type: nil,
                parameters: values,
                path: path
            )
        )
        if source.compares { found.scale = .preference }
        return found
    }

    private mutating func add(_ leaf: RewardPlan.Leaf) throws(Faults) -> Found {
        guard leaves.count < RewardPlan.maximumLeaves else {
            let message = "has more than \(RewardPlan.maximumLeaves) parts"
            throw Faults([Fault(path: leaf.path, message: message)])
        }
        leaves.append(leaf)
        return Found(node: .leaf(leaves.count - 1), scale: .score)
    }

    /// The label, numbered when it is taken.
    private func unused(_ label: String) -> String {
        var (unique, count) = (label, 1)
        while leaves.contains(where: { $0.label == unique }) {
            count += 1
            unique = "\(label)#\(count)"
        }
        return unique
    }

    private mutating func combination(
        _ type: any RewardCombination.Type,
        _ values: ParameterValues,
        _ path: String,
        _ depth: Int
    ) throws(Faults) -> Found {
        let fields = type.partParameters.map { "\"\($0.name)\"" } + ["\"reward\""]
        guard let list = values.values["rewards"]?.arrayValue, list.count >= type.leastParts else {
            let part =
                type.partParameters.isEmpty
                ? "rewards, {\"name\"}" : "{\(fields.joined(separator: ", "))}"
            let count = type.leastParts == 1 ? "one" : String(type.leastParts)
            let message = "must be a list of at least \(count) \(part)"
            throw Faults([Fault(path: "\(path).rewards", message: message)])
        }
        var (parts, found, faults): ([ParameterValues], [Found], [Fault]) = ([], [], [])
        for (index, item) in list.enumerated() {
            do throws(Faults) {
                let place = "\(path).rewards[\(index)]"
                parts.append(try part(item, type, place))
                let isPlain = type.partParameters.isEmpty
                found.append(
                    try read(
                        isPlain ? item : item["reward"] ?? .null,
                        isPlain ? place : place + ".reward",
                        depth: depth + 1
                    )
                )
            } catch {
                faults += error.list
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
        let made = try type.init(values, parts: parts, path: path)
        return Found(
            node: .combination(made, found.map { $0.node }),
            scale: try made.scale(of: found.map { $0.scale }, path: path)
        )
    }

    /// The parameters that a part has beside its reward.
    private func part(
        _ item: Value,
        _ type: any RewardCombination.Type,
        _ path: String
    ) throws(Faults) -> ParameterValues {
        guard !type.partParameters.isEmpty else {
            return try ParameterValues([:], describedBy: [], path: path)
        }
        let values = try ParameterValues(
            item,
            describedBy: type.partParameters,
            path: path,
            ignoring: ["reward"]
        )
        guard (item["reward"] ?? .null) != .null else {
            throw Faults([Fault(path: "\(path).reward", message: "is required")])
        }
        return values
    }
}
