public import Domain

/// A reward ready to score: its files read, its models named.
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

    /// The score of one completion; `modelScores` holds each model's, by name.
    ///
    /// A model without a score is unscored.
    public func score(_ input: RewardInput, modelScores: [String: RewardScore] = [:]) -> RewardScore
    {
        combine(
            zip(plan.leaves, local).map { leaf, reward in
                if let reward { return reward.score(input) }
                let name = leaf.modelName ?? leaf.label
                return modelScores[name] ?? RewardScore(unscored: "no score of the model \(name)")
            }
        )
    }

    /// The whole reward's score from those of the leaves, in the plan's order.
    ///
    /// The components are the scored leaves; a missing leaf is unscored.
    public func combine(_ leafScores: [RewardScore]) -> RewardScore {
        var result = evaluate(plan.root, leafScores).score
        for (leaf, score) in zip(plan.leaves, leafScores) {
            result.components[leaf.label] = score.value
        }
        return result
    }

    private func evaluate(_ node: RewardPlan.Node, _ scores: [RewardScore]) -> LabelledScore {
        switch node {
        case .leaf(let index):
            let missing = RewardScore(unscored: "no score was given")
            let score = scores.indices.contains(index) ? scores[index] : missing
            return LabelledScore(label: plan.leaves[index].label, score: score)
        case .combination(let combination, let nodes):
            let parts = nodes.map { evaluate($0, scores) }
            return LabelledScore(
                label: type(of: combination).name,
                score: combination.combine(parts)
            )
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
