import Domain

/// Whether a run's metrics say that it should end: a pure function of them, so that a run that is
/// killed ends at the same iteration.
struct StopVerdict: Sendable {
    let rules: StopRules
    /// The evaluation's rewards that are not trained on.
    let goldNames: [String]

    /// Why the run ends; `nil` when it goes on.
    ///
    /// - Parameters:
    ///   - values: the iteration's metrics.
    ///   - earlier: those of the iterations before, the start's among them, oldest first.
    /// - Returns: what is written into the run's log.
    func reason(_ values: [String: Double], after earlier: [[String: Double]]) -> String? {
        if let limit = rules.maxKL, let kl = values["policy/kl"], kl > limit {
            return "the KL to the reference, \(kl) nat, exceeds max_kl (\(limit))"
        }
        let length = values["evaluation/completion_length"] ?? values["rollout/completion_length"]
        if let limit = rules.maxLength, let length, length > limit {
            return "the mean completion length, \(length) tokens, exceeds max_length (\(limit))"
        }
        if let limit = rules.minEntropy, let entropy = values["policy/entropy"], entropy < limit {
            return "the policy's entropy, \(entropy) nat, is below min_entropy (\(limit))"
        }
        guard let limit = rules.maxGoldDrop else { return nil }
        for name in goldNames {
            if let reason = goldDrop(name, limit, values, earlier) { return reason }
        }
        return nil
    }

    /// Over-optimisation: what is trained rises, and what it stands for falls.
    private func goldDrop(
        _ name: String,
        _ limit: Double,
        _ values: [String: Double],
        _ earlier: [[String: Double]]
    ) -> String? {
        let key = "evaluation/\(name)_mean"
        let trained = "evaluation/reward_mean"
        guard let now = values[key], let proxy = values[trained] else { return nil }
        let seen = earlier.compactMap { past in
            past[key].flatMap { gold in past[trained].map { (gold: gold, proxy: $0) } }
        }
        guard let best = seen.max(by: { $0.gold < $1.gold }), best.gold - now >= limit,
            proxy > best.proxy
        else { return nil }
        return
            "\(name) has fallen from \(best.gold) to \(now), by max_gold_drop (\(limit)) or more, "
            + "while the trained reward rose from \(best.proxy) to \(proxy)"
    }
}
