import Domain
import Objectives
import Testing

/// Rewards of tokens against the others of their group, and standardised, worked by hand.
@Suite struct DenseCreditTests {
    private func advantages(
        _ completions: [StageCompletion],
        _ set: (inout StageSpec) -> Void
    ) throws -> [[Double]] {
        try StageFixtures.pipeline("return_to_go", [:], set)
            .process(StageInput([StageGroup(id: 0, completions)])).groups[0].map(\.advantages)
    }

    private func completion(_ reward: Double?, _ tokens: [Double]) -> StageCompletion {
        var completion = StageCompletion(reward: reward, length: tokens.count)
        completion.tokenRewards = tokens
        return completion
    }

    private static let leaveOneOut = NamedParameters(
        name: "dense",
        parameters: ["baseline": "leave_one_out"]
    )

    @Test func `outcomes and tokens' rewards are each taken less those of the others`() throws {
        let found = try advantages(
            [completion(1, [0.2, 0.4]), completion(0, [-0.1]), completion(nil, [9])]
        ) { $0.credit = Self.leaveOneOut }
        // The means over tokens are 0.3 and -0.1, so that 2 r - 0.2; the outcomes become 1 and -1.
        #expect(StageFixtures.isClose(found[0], [0.2 + 0.6 + 1, 0.6 + 1]))
        #expect(StageFixtures.isClose(found[1], [-0.4 - 1]))
        let alone = try advantages([completion(1, [0.2, 0.4])]) { $0.credit = Self.leaveOneOut }
        #expect(alone == [[0, 0]])
    }

    @Test func `tokens' rewards are divided by their deviation and keep their mean`() throws {
        let completions = [
            StageFixtures.completion(5, old: [-1, -1], reference: [-1, -2]),
            StageFixtures.completion(0, old: [-1, -1], reference: [-1, -1]),
        ]
        let found = try advantages(completions) {
            $0.rewardKL = RewardKLSpec(coefficient: 1)
            $0.whitenRewards = true
        }
        // 0, 5 - 1, 0, 0: mean 1, deviation 2, so that 0 becomes 0.5 and 4 becomes 2.5.
        #expect(StageFixtures.isClose(found[0], [3, 2.5], 1e-7))
        #expect(StageFixtures.isClose(found[1], [1, 0.5], 1e-7))
        let plain = try advantages(completions) {
            $0.rewardKL = RewardKLSpec(coefficient: 1)
            $0.whitenRewards = false
        }
        #expect(plain == [[4, 4], [0, 0]])
    }

    @Test func `what nothing standardised could be compared with is refused`() {
        func faults(_ name: String, _ parameters: Value = [:], cost: Bool = false) -> [String]? {
            let faults = #expect(throws: Faults.self) {
                try StageFixtures.pipeline(name, parameters) {
                    $0.whitenRewards = true
                    if cost {
                        $0.controllers = [
                            NamedParameters(name: "lagrange", parameters: ["cost": "tokens"])
                        ]
                    }
                }
            }
            return faults?.list.map(\.path)
        }
        #expect(faults("group_relative") == ["$.stages.whiten_rewards"])
        #expect(faults("return_to_go", ["baseline": "group_mean"]) == ["$.stages.whiten_rewards"])
        #expect(faults("gae", cost: true)?.contains("$.stages.whiten_rewards") == true)
    }
}
