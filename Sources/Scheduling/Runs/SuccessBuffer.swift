import Domain
import Store

/// Completions that succeeded, the newest of each prompt.
///
/// Source: Lu et al. 2025 (ARPO), arXiv 2505.16282, and its code's replay buffer.
struct SuccessBuffer: Sendable {
    private let limits: MixSpec.Successes
    private var kept: [Prompt: [RolloutRecord]] = [:]

    init(_ limits: MixSpec.Successes) { self.limits = limits }

    /// Takes in the successes of an iteration; of each prompt the oldest make room.
    mutating func add(_ rollouts: [RolloutRecord]) {
        let ordered = rollouts.sorted {
            ($0.promptIndex, $0.sampleIndex) < ($1.promptIndex, $1.sampleIndex)
        }
        for rollout in ordered where isSuccess(rollout) {
            let all = (kept[rollout.prompt] ?? []) + [rollout]
            kept[rollout.prompt] = Array(all.suffix(limits.size))
        }
    }

    private func isSuccess(_ rollout: RolloutRecord) -> Bool {
        rollout.reward.map { $0 > limits.minimumReward } ?? false
    }

    /// The rollouts with a success in place of the first completion of each group that failed whole,
    /// where there is one of its prompt.
    ///
    /// It keeps its log-probabilities, version and score, and has the id and place of what it
    /// replaces: one success may stand in several groups.
    func substituted(
        _ rollouts: [RolloutRecord],
        random: (Int) -> PhiloxSequence
    ) -> (rollouts: [RolloutRecord], count: Int) {
        var result = rollouts
        var count = 0
        let groups = Dictionary(grouping: rollouts.indices) { rollouts[$0].promptIndex }
        for (place, members) in groups.sorted(by: { $0.key < $1.key }) {
            let scored = members.filter { rollouts[$0].scoredReward != nil }
            guard !scored.isEmpty, !scored.contains(where: { isSuccess(rollouts[$0]) }),
                let first = members.min(by: { rollouts[$0].sampleIndex < rollouts[$1].sampleIndex })
            else { continue }
            var generator = random(place)
            let stored = kept[rollouts[first].prompt] ?? []
            guard var success = stored.randomElement(using: &generator) else { continue }
            success.id = rollouts[first].id
            success.promptIndex = place
            success.sampleIndex = rollouts[first].sampleIndex
            result[first] = success
            count += 1
        }
        return (result, count)
    }
}
