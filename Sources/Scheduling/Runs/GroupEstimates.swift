import Domain
import Objectives
import Store

/// Advantages and returns of one group's completions, one number for each token.
struct GroupEstimates {
    /// `nil` without an estimator.
    var advantages: [[Double]]?
    /// What the value head should have estimated: advantage and estimate together, or where the
    /// estimator knows no values the reward.
    var returns: [[Double]]

    /// Estimates of scored completions.
    ///
    /// - Parameters:
    ///   - group: The group's scored completions.
    ///   - values: The value head's estimates at each token, by the rollouts' ids.
    ///   - estimator: How rewards become advantages.
    /// - Throws: `.notANumber` for rewards of which no advantage can be made, `.invalidData` when
    ///   the estimator needs values that are not there.
    init(
        _ group: [RolloutRecord],
        values: [Int: [Float]],
        estimator: (any AdvantageEstimator)?
    ) throws(HoneError) {
        let lengths = group.map { $0.rollout.completionTokens.count }
        let rewards = group.map { $0.reward ?? 0 }
        returns = zip(rewards, lengths).map { [Double](repeating: $0, count: $1) }
        guard let estimator else { return }
        guard type(of: estimator).isPerToken else {
            var input = AdvantageInput(rewards: rewards)
            input.lengths = lengths.map { Double($0) }
            advantages = zip(try estimator.advantages(input), lengths)
                .map { [Double](repeating: $0, count: $1) }
            return
        }
        var found: [[Double]] = []
        for (index, record) in group.enumerated() where lengths[index] > 0 {
            // The reward is given with the last token.
            var input = AdvantageInput(
                rewards: [Double](repeating: 0, count: lengths[index] - 1) + [rewards[index]]
            )
            input.values = values[record.id]?.map { Double($0) }
            found.append(try estimator.advantages(input))
            if let values = input.values { returns[index] = zip(found[index], values).map(+) }
        }
        advantages = found
    }
}
