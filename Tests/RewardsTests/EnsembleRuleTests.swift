import Domain
import Testing

@testable import Rewards

@Suite struct `Ensemble rule` {
    private let members = [0.2, 0.4, 0.9]

    @Test func `mean, worst case and uncertainty-weighted scores are the published ones`() {
        let mean = EnsembleRule.mean.score(0.5, members: members)
        #expect(mean.value == 0.5)
        #expect(abs((mean.uncertainty ?? 0) - 0.36055513) < 1e-8)
        #expect(EnsembleRule.worstCase.score(0.5, members: members).value == 0.2)
        let weighted = EnsembleRule.uncertaintyWeighted(1).score(0.5, members: members)
        #expect(abs((weighted.value ?? 0) - 0.37) < 1e-12)
    }

    @Test func `one score alone has no uncertainty, and rules about members do not apply`() {
        let alone = EnsembleRule.mean.score(0.5, members: [])
        #expect(alone.value == 0.5 && alone.uncertainty == nil)
        #expect(EnsembleRule.worstCase.score(0.5, members: []).value == nil)
        #expect(EnsembleRule.mean.score(nil, members: []).reason != nil)
    }

    @Test func `a spec names the rule, and the mean is the plain score`() throws {
        func source(_ spec: Value) throws -> RewardSource? {
            try RewardPlan(spec).leaves.first?.source
        }
        #expect(try source(["name": "model", "model": "m"]) == .model("m"))
        #expect(
            try source([
                "name": "model", "model": "m", "rule": "uncertainty_weighted", "coefficient": 0.1,
            ]) == .ensemble("m", .uncertaintyWeighted(0.1))
        )
        #expect(throws: Faults.self) {
            try RewardPlan(["name": "model", "model": "m", "rule": "median"])
        }
    }
}
