import Domain
import Foundation
import Rewards
import TestSupport
import Testing

@Suite struct RewardPlanTests {
    static let sum: Value = [
        "name": "weighted_sum", "clip": [-5, 5],
        "rewards": [
            ["weight": 2, "reward": ["name": "model", "model": "rm"]],
            ["reward": ["name": "length", "target": 2]],
            ["weight": -1, "reward": ["name": "lexicon", "file": "w"]],
            ["weight": 0.5, "reward": ["name": "length", "target": 1]],
        ],
    ]

    private func scorer() throws -> RewardScorer {
        try RewardPlan(Self.sum).scorer(files: ["w": "good\t3"])
    }

    @Test func `a plan names its models, files and leaves`() throws {
        let plan = try RewardPlan(Self.sum)
        #expect(plan.modelNames == ["rm"])
        #expect(plan.files == ["w"])
        #expect(plan.leaves.map { $0.label } == ["rm", "length", "lexicon", "length#2"])
        #expect(plan.leaves.map { $0.modelName } == ["rm", nil, nil, nil])
    }

    @Test func `the sum weighs local and model scores and shows the components`() throws {
        let input = RewardInput(prompt: "p", completion: "good day")
        let score = try scorer().score(input, modelScores: ["rm": RewardScore(1.5)])
        #expect(score.value == 1)
        #expect(score.components == ["rm": 1.5, "length": 1, "lexicon": 3, "length#2": 0])
    }

    @Test func `the sum is held within its clip`() throws {
        let scores = [RewardScore(100), RewardScore(0), RewardScore(0), RewardScore(0)]
        #expect(try scorer().combine(scores).value == 5)
    }

    @Test func `one unscored part leaves the whole unscored, with the reason and the others`()
        throws
    {
        let input = RewardInput(prompt: "p", completion: "good day")
        for given in [[:], ["rm": RewardScore(.nan)], ["rm": RewardScore(unscored: "worker lost")]]
        {
            let score = try scorer().score(input, modelScores: given)
            #expect(score.value == nil)
            #expect(score.components == ["length": 1, "lexicon": 3, "length#2": 0])
            guard case .unscored(let reason) = score.outcome else { return }
            #expect(reason.hasPrefix("rm: "))
        }
        #expect(try scorer().combine([]).value == nil)
    }

    @Test func `sums nest`() throws {
        let inner: Value = [
            "name": "weighted_sum", "rewards": [["weight": 3, "reward": Self.sum]],
        ]
        let scorer = try RewardPlan(inner).scorer(files: ["w": "good\t3"])
        let ones = (0..<4).map { _ in RewardScore(1) }
        #expect(scorer.combine(ones).value == 3 * (2 + 1 - 1 + 0.5))
    }

    @Test func `all faults of a tree are found at once, with their paths`() {
        let spec: Value = [
            "name": "weighted_sum",
            "rewards": [
                ["weight": "much", "reward": ["name": "length", "target": 2]],
                ["reward": ["name": "lenght", "target": 2]],
                ["reward": ["name": "length", "taget": 2]],
                ["wieght": 1, "reward": ["name": "model", "model": "m"]],
                [:],
            ],
        ]
        let faults = #expect(throws: Faults.self) { try RewardPlan(spec, path: "$.reward") }
        let paths = faults?.list.map { $0.path } ?? []
        #expect(
            paths == [
                "$.reward.rewards[0].weight", "$.reward.rewards[1].reward.name",
                "$.reward.rewards[2].reward.target", "$.reward.rewards[2].reward.taget",
                "$.reward.rewards[3].wieght", "$.reward.rewards[4].reward",
            ]
        )
        #expect(faults?.list[1].message.contains("\"length\"") == true)
    }

    @Test(
        arguments: [
            3, [:], ["name": 3], ["name": "weighted_sum"], ["name": "weighted_sum", "rewards": []],
            ["name": "weighted_sum", "rewards": 1], ["name": "model"],
            ["name": "model", "model": 1],
            ["name": "model", "model": ""],
            [
                "name": "weighted_sum", "clip": [1, 0],
                "rewards": [["reward": ["name": "model", "model": "m"]]],
            ],
            [
                "name": "weighted_sum", "clip": [1],
                "rewards": [["reward": ["name": "model", "model": "m"]]],
            ],
        ] as [Value]
    )
    func `malformed specs are refused`(_ spec: Value) {
        #expect(throws: Faults.self) { try RewardPlan(spec) }
    }

    @Test func `a bottomless nest is refused`() {
        var spec: Value = ["name": "model", "model": "m"]
        for _ in 0..<1000 { spec = ["name": "weighted_sum", "rewards": [["reward": spec]]] }
        #expect(throws: Faults.self) { try RewardPlan(spec) }
    }

    @Test(arguments: RewardCatalogue.all.map { type in type.name })
    func `every reward describes itself and has a page`(_ name: String) throws {
        let type = try #require(RewardCatalogue.type(named: name))
        #expect(type.summary.hasSuffix("."))
        let folder = Checkout.url("docs/rewards")
        let page = try String(contentsOf: folder.appending(path: "\(name).md"), encoding: .utf8)
        #expect(page.hasPrefix("# `\(name)`"))
        for parameter in type.parameters {
            #expect(!parameter.meaning.isEmpty)
            #expect(page.contains("`\(parameter.name)`"), "\(parameter.name)")
        }
    }
}
