import Domain
import Statistics
import Store

/// What one iteration adds up while it goes on, and its metrics by their contract names.
struct IterationMetrics: Sendable {
    private var sums: [String: (total: Double, count: Int)] = [:]
    private var largest: [String: Double] = [:]
    private var seconds: [RunPhase: Double] = [:]
    private var sampledTokens = 0

    /// Adds the metrics of one optimizer step.
    ///
    /// Everything is the mean over steps, but `…_max` the largest. Sampler and trainer can only be
    /// compared before the weights move: the worker gives `parity/…` only with the sampling version.
    mutating func addStep(_ metrics: [String: Double]) {
        for (name, value) in metrics where value.isFinite {
            if name.hasSuffix("_max") {
                largest[name] = max(largest[name] ?? value, value)
                continue
            }
            let (total, count) = sums[name] ?? (0, 0)
            sums[name] = (total + value, count + 1)
        }
    }

    /// Adds the time one unit took.
    mutating func addSeconds(_ duration: Duration, _ phase: RunPhase) {
        seconds[phase, default: 0] += duration.seconds
    }

    /// Adds tokens drawn in this process (not those reused from the store).
    mutating func addSampledTokens(_ count: Int) { sampledTokens += count }

    /// The means over steps, the seconds and the sampling rate.
    var values: [String: Double] {
        var values = sums.mapValues { $0.total / Double($0.count) }
        values.merge(largest) { $1 }
        values["time/sample_seconds"] = seconds[.sample]
        values["time/score_seconds"] = seconds[.score]
        values["time/update_seconds"] = seconds[.update]
        values["time/evaluate_seconds"] = seconds[.evaluate]
        if sampledTokens > 0, let time = seconds[.sample], time > 0 {
            values["throughput/tokens_per_second"] = Double(sampledTokens) / time
        }
        return values
    }
}

/// Statistics of stored rollouts.
enum RolloutMetrics {
    /// Metrics of what an iteration learned from.
    static func training(_ rollouts: [RolloutRecord]) -> [String: Double] {
        var values: [String: Double] = [:]
        values["rollout/completion_length"] = meanLength(rollouts)
        values["rollout/truncated_fraction"] = truncatedFraction(rollouts)
        let rewards = rollouts.compactMap { $0.reward }
        values["reward/mean"] = Sample.mean(rewards)
        values["reward/std"] = Sample.deviation(rewards)
        values["rollout/unscored_fraction"] =
            rollouts.isEmpty ? nil : Double(rollouts.count - rewards.count) / Double(rollouts.count)
        values["policy/kl"] = Sample.mean(rollouts.compactMap(sequenceKL))
        return values
    }

    /// Metrics of the completions of held-out prompts, `rewards` by name.
    static func evaluation(_ rollouts: [RolloutRecord], rewards: [String]) -> [String: Double] {
        var values: [String: Double] = [:]
        values["evaluation/completion_length"] = meanLength(rollouts)
        values["evaluation/truncated_fraction"] = truncatedFraction(rollouts)
        let trained = rollouts.compactMap { $0.reward }
        values["evaluation/reward_mean"] = Sample.mean(trained)
        values["evaluation/reward_std"] = Sample.deviation(trained)
        values["evaluation/kl"] = Sample.mean(rollouts.compactMap(sequenceKL))
        for name in rewards {
            let scores = rollouts.compactMap { rollout in
                rollout.scores.first { $0.reward == name }?.score
            }
            values["evaluation/\(name)_mean"] = Sample.mean(scores)
        }
        return values
    }

    /// Sequence KL estimate k1, nat: Σ (log π − log π_ref) over one completion's tokens.
    static func sequenceKL(_ record: RolloutRecord) -> Double? {
        let rollout = record.rollout
        guard rollout.referenceLogprobs.count == rollout.logprobs.count, !rollout.logprobs.isEmpty
        else { return nil }
        return zip(rollout.logprobs, rollout.referenceLogprobs)
            .reduce(0) { $0 + Double($1.0) - Double($1.1) }
    }

    /// How far what was drawn from is from the policy: absolute differences of a token's
    /// log-probabilities, and Σ (log sampler − log π) over one completion, nat.
    ///
    /// Temperature and truncation are part of it where there are any.
    static func samplingGap(_ rollouts: [RolloutRecord]) -> [String: Double] {
        let gaps = rollouts.map { record in
            zip(record.rollout.samplingLogprobs, record.rollout.logprobs)
                .map { Double($0.0) - Double($0.1) }
        }
        let sizes = gaps.joined().map { abs($0) }
        var values: [String: Double] = [:]
        values["parity/sampling_logprob_abs_diff_mean"] = Sample.mean(sizes)
        values["parity/sampling_logprob_abs_diff_max"] = sizes.max()
        values["parity/sampling_kl"] = Sample.mean(gaps.map { $0.reduce(0, +) })
        return values
    }

    /// Tokens; `nil` of nothing.
    private static func meanLength(_ rollouts: [RolloutRecord]) -> Double? {
        Sample.mean(rollouts.map { Double($0.rollout.completionTokens.count) })
    }

    /// The share that ended at the limit of tokens; `nil` of nothing.
    private static func truncatedFraction(_ rollouts: [RolloutRecord]) -> Double? {
        Sample.mean(rollouts.map { $0.rollout.stopReason == .length ? 1 : 0 })
    }
}

extension Duration {
    /// In seconds.
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
