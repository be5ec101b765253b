import Store

extension Sequence<RolloutRecord> {
    /// The completions of each prompt, by its place, in the order they were drawn.
    var byPrompt: [Int: [RolloutRecord]] {
        Dictionary(grouping: self, by: \.promptIndex).mapValues { group in
            group.sorted { $0.sampleIndex < $1.sampleIndex }
        }
    }

    /// The same, in the order of the prompts.
    var inGroups: [[RolloutRecord]] {
        byPrompt.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension RolloutRecord {
    /// Its reward, unless it has none: a reward that is no number is none.
    var scoredReward: Double? { reward.flatMap { $0.isNaN ? nil : $0 } }
}
