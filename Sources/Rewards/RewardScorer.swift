public import Domain

/// A reward ready to score: its files read, its sources named.
public struct RewardScorer: Sendable {
    /// The plan it was made from.
    public let plan: RewardPlan
    private let local: [(any Reward)?]

    /// Reads the files' texts, by path; throws all the faults found in them.
    init(_ plan: RewardPlan, files: [String: String]) throws(Faults) {
        self.plan = plan
        var (local, faults): ([(any Reward)?], [Fault]) = ([], [])
        for leaf in plan.leaves {
            do throws(Faults) {
                local.append(try leaf.type?.init(leaf.parameters, files: files, path: leaf.path))
            } catch {
                faults += error.list
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
        self.local = local
    }

    /// The scores of groups.
    ///
    /// - Parameters:
    ///   - groups: What is scored.
    ///   - sourced: For each leaf with a source, by its place in the plan, the scores of the groups'
    ///     members; what is missing is unscored.
    /// - Returns: The score of each member; its components are the scored leaves.
    public func score(
        _ groups: [RewardGroup],
        sourced: [Int: [[RewardScore]]] = [:]
    ) -> [[RewardScore]] {
        groups.enumerated().map { place, group in
            let leaves = plan.leaves.indices.map { index in
                scores(of: group, leaf: index, given: sourced[index]?[place])
            }
            return combine(leaves, group)
        }
    }

    /// The score of one completion; `modelScores` holds those of leaves with a model, by its name.
    public func score(_ input: RewardInput, modelScores: [String: RewardScore] = [:]) -> RewardScore
    {
        var sourced: [Int: [[RewardScore]]] = [:]
        for (index, leaf) in plan.leaves.enumerated() {
            if let found = leaf.modelName.flatMap({ modelScores[$0] }) {
                sourced[index] = [[found]]
            }
        }
        return score([RewardGroup([input])], sourced: sourced)[0][0]
    }

    private func scores(
        of group: RewardGroup,
        leaf index: Int,
        given: [RewardScore]?
    ) -> [RewardScore] {
        if let reward = local[index] { return group.members.map { reward.score($0) } }
        return group.members.indices.map { member in
            if let given, given.indices.contains(member) { return given[member] }
            let name = plan.leaves[index].label
            let what = plan.leaves[index].modelName == nil ? name : "the model \(name)"
            return RewardScore(unscored: "no score of \(what)")
        }
    }

    /// One completion's score from those of the leaves, in the plan's order; a missing one is unscored.
    package func combine(_ leafScores: [RewardScore]) -> RewardScore {
        let missing = RewardScore(unscored: "no score was given")
        let leaves = plan.leaves.indices.map { index in
            [leafScores.indices.contains(index) ? leafScores[index] : missing]
        }
        return combine(leaves, RewardGroup([RewardInput(prompt: "", completion: "")]))[0]
    }

    /// The whole reward's scores from those of the leaves, each with one for each member.
    private func combine(_ leaves: [[RewardScore]], _ group: RewardGroup) -> [RewardScore] {
        var results = evaluate(plan.root, leaves, group).scores
        for (leaf, scores) in zip(plan.leaves, leaves) {
            for (member, value) in scores.map(\.value).enumerated() {
                results[member].components[leaf.label] = value
            }
        }
        // Of two parts nobody could say whose they are.
        if let part = plan.tokenLeaves.first, plan.tokenLeaves.count == 1 {
            for member in results.indices { results[member].tokens = leaves[part][member].tokens }
        }
        return results
    }

    private func evaluate(
        _ node: RewardPlan.Node,
        _ leaves: [[RewardScore]],
        _ group: RewardGroup
    ) -> (label: String, scores: [RewardScore]) {
        switch node {
        case .leaf(let index): return (plan.leaves[index].label, leaves[index])
        case .combination(let combination, let nodes):
            let parts = nodes.map { evaluate($0, leaves, group) }
            let members = group.members.indices.map { member in
                parts.map { LabelledScore(label: $0.label, score: $0.scores[member]) }
            }
            let scores = combination.combine(members, opponents: group.opponents)
            return (type(of: combination).name, scores)
        }
    }
}

extension RewardPlan {
    /// The plan made ready with the text of each of its `files`, by path; throws all the faults
    /// found in them.
    public func scorer(files: [String: String] = [:]) throws(Faults) -> RewardScorer {
        try RewardScorer(self, files: files)
    }
}
