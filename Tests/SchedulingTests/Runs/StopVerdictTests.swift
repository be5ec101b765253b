import Domain
import Testing

@testable import Scheduling

struct StopVerdictTests {
    private func reason(
        _ values: [String: Double],
        after earlier: [[String: Double]] = [],
        _ set: (inout StopRules) -> Void
    ) -> String? {
        var rules = StopRules()
        set(&rules)
        return StopVerdict(rules: rules, goldNames: ["gold"]).reason(values, after: earlier)
    }

    private func measured(_ gold: Double, _ proxy: Double) -> [String: Double] {
        ["evaluation/gold_mean": gold, "evaluation/reward_mean": proxy]
    }

    @Test func `without rules a run goes on`() {
        let values = ["policy/kl": 1e9, "rollout/completion_length": 1e9, "policy/entropy": 0]
        #expect(reason(values) { _ in } == nil)
    }

    @Test func `lengths are the held-out ones where there are any`() {
        let sampled = ["rollout/completion_length": 11.0]
        #expect(reason(sampled) { $0.maxLength = 10 } != nil)
        let both = ["rollout/completion_length": 11.0, "evaluation/completion_length": 9]
        #expect(reason(both) { $0.maxLength = 10 } == nil)
    }

    @Test func `a policy that has made up its mind ends`() {
        #expect(reason(["policy/entropy": 0.2]) { $0.minEntropy = 0.3 } != nil)
        #expect(reason(["policy/entropy": 0.3]) { $0.minEntropy = 0.3 } == nil)
        #expect(reason([:]) { $0.minEntropy = 0.3 } == nil)
    }

    @Test func `a KL beyond its limit ends`() {
        #expect(reason(["policy/kl": 5]) { $0.maxKL = 4 }?.contains("max_kl") == true)
        #expect(reason(["policy/kl": 4]) { $0.maxKL = 4 } == nil)
    }

    @Test func `gold that falls while the proxy rises ends`() {
        let earlier = [measured(1, 1), measured(3, 2), [:], measured(2.5, 3)]
        let stop: (inout StopRules) -> Void = { $0.maxGoldDrop = 1 }
        #expect(reason(measured(2, 4), after: earlier, stop)?.contains("gold has fallen") == true)
        // Less than the limit.
        #expect(reason(measured(2.1, 4), after: earlier, stop) == nil)
        // Both fall: that is not over-optimisation.
        #expect(reason(measured(0, 1.9), after: earlier, stop) == nil)
        // An iteration that was not evaluated says nothing.
        #expect(reason(["policy/kl": 1], after: earlier, stop) == nil)
        #expect(reason(measured(2, 4), after: [], stop) == nil)
    }
}
