import Domain
import Store

/// The groups that an iteration learns from: a pure function of its stored rollouts and scores.
///
/// Unscored completions leave their group, and a group with too few scored ones is dropped: a
/// missing score is never 0, and a lone completion has nothing to be compared with.
struct ScoredGroups: Sendable {
    /// The fewest scored completions that can be compared.
    static let minimumSize = 2

    /// The scored completions of each group, groups in the order of their prompts.
    let groups: [[RolloutRecord]]
    /// Groups with too few scored completions.
    let droppedCount: Int

    init(_ rollouts: [RolloutRecord], minimumSize: Int = ScoredGroups.minimumSize) {
        let scored = rollouts.inGroups.map { $0.filter { $0.scoredReward != nil } }
        self.groups = scored.filter { $0.count >= minimumSize }
        droppedCount = scored.count - self.groups.count
    }

    /// Groups whose completions all have one reward; what they teach is the objective's to say.
    var tiedCount: Int {
        groups.count { group in group.allSatisfy { $0.reward == group[0].reward } }
    }

    /// By their contract names.
    var metrics: [String: Double] {
        [
            "rollout/groups": Double(groups.count),
            "rollout/dropped_groups": Double(droppedCount),
            "rollout/tied_groups": Double(tiedCount),
        ]
    }
}
