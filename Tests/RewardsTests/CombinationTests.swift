import Domain
import Foundation
import Rewards
import Testing

/// Combinations over the reward models a, b and c, whose scores the tests give.
@Suite struct CombinationTests {
    private static let models = ["a", "b", "c"]

    private func plain(_ name: String, _ fields: [String: Value] = [:]) -> Value {
        let rewards = Self.models.map { Value.object(["name": "model", "model": .string($0)]) }
        let own: [String: Value] = ["name": .string(name), "rewards": .array(rewards)]
        return .object(own.merging(fields) { $1 })
    }

    private func score(_ spec: Value, _ scores: [Double]) throws -> RewardScore {
        let given = zip(Self.models, scores).map { ($0, RewardScore($1)) }
        return try RewardPlan(spec).scorer().score(
            RewardInput(prompt: "", completion: ""),
            modelScores: Dictionary(uniqueKeysWithValues: given)
        )
    }

    @Test func `ensembles give the published numbers`() throws {
        let scores = [0.2, 0.4, 0.9]
        for (rule, expected) in [
            ("mean", 0.5), ("worst_case", 0.2), ("uncertainty_weighted", 0.37),
        ] {
            let found = try score(plain("ensemble", ["rule": .string(rule)]), scores)
            #expect(abs((found.value ?? .nan) - expected) < 1e-12, "\(rule)")
            #expect(abs((found.uncertainty ?? .nan) - 0.13.squareRoot()) < 1e-12)
        }
        let half = plain("ensemble", ["rule": "uncertainty_weighted", "coefficient": 0.5])
        #expect(abs((try score(half, scores).value ?? .nan) - (0.5 - 0.065)) < 1e-12)
    }

    @Test func `a model of pairs compares`() throws {
        let plan = try RewardPlan(["name": "preference_model", "model": "p"])
        #expect(plan.isPreference)
        #expect(plan.models == [.reward("p")])
        let empty: Value = ["name": "preference_model", "model": ""]
        #expect(throws: Faults.self) { try RewardPlan(empty) }
    }

    @Test func `one ensembled model counts as its members`() throws {
        let spec: Value = [
            "name": "ensemble", "rule": "uncertainty_weighted",
            "rewards": [["name": "model", "model": "a"]],
        ]
        var given = RewardScore(0.5)
        let scorer = try RewardPlan(spec).scorer()
        let input = RewardInput(prompt: "", completion: "")
        #expect(scorer.score(input, modelScores: ["a": given]).value == nil)
        given.members = [0.2, 0.4, 0.9]
        let found = scorer.score(input, modelScores: ["a": given]).value ?? .nan
        #expect(abs(found - 0.37) < 1e-12)
    }

    @Test func `the logical and adds log-sigmoids of what exceeds the references`() throws {
        func spec(_ parts: [(String, Double)]) -> Value {
            let rewards = parts.map { name, reference in
                Value.object([
                    "reference": .number(reference),
                    "reward": .object(["name": "model", "model": .string(name)]),
                ])
            }
            return ["name": "logical_and", "rewards": .array(rewards)]
        }
        let one = try score(spec([("a", 0.2)]), [1])
        #expect(abs((one.value ?? .nan) + 0.371101) < 1e-6)
        let both = try score(spec([("a", 0.2), ("b", 0)]), [1, -800])
        #expect(abs((both.value ?? .nan) + 800.371101) < 1e-5)
    }

    @Test func `the highest, the lowest and the product of scores`() throws {
        #expect(try score(plain("max"), [0.5, -2, 1]).value == 1)
        #expect(try score(plain("min"), [0.5, -2, 1]).value == -2)
        #expect(try score(plain("product"), [0.5, -2, 3]).value == -3)
    }

    @Test(arguments: ["ensemble", "max", "min", "product"])
    func `one unscored part leaves the whole unscored`(_ name: String) throws {
        let found = try score(plain(name), [1, 2])
        #expect(found.value == nil)
        #expect(found.reason?.hasPrefix("c: ") == true)
        #expect(found.components == ["a": 1, "b": 2])
    }

    // MARK: - Hierarchies

    private func hierarchy(
        _ thresholds: [Double],
        unit: String = "absolute",
        _ scores: [[Double?]]
    ) throws -> [RewardScore] {
        let rewards = zip(Self.models, thresholds).map { name, threshold in
            Value.object([
                "threshold": .number(threshold),
                "reward": .object(["name": "model", "model": .string(name)]),
            ])
        }
        let plan = try RewardPlan([
            "name": "hierarchy", "unit": .string(unit), "rewards": .array(rewards),
        ])
        #expect(plan.isPreference)
        let members = scores.map { _ in RewardInput(prompt: "", completion: "") }
        var sourced: [Int: [[RewardScore]]] = [:]
        for level in thresholds.indices {
            sourced[level] = [
                scores.map { $0[level].map { RewardScore($0) } ?? RewardScore(unscored: "none") }
            ]
        }
        return try plan.scorer().score([RewardGroup(members)], sourced: sourced)[0]
    }

    @Test func `the first level that clearly differs decides`() throws {
        // 0 against 1: level 2, 1 wins. 0 against 2: level 1, 0 wins. 1 against 2: level 1, 1 wins.
        let scores = try hierarchy([0.5, 0], [[2, 1], [1.6, 3], [0, 9]])
        #expect(scores.map(\.value) == [0.5, 1, 0])
        #expect(scores[0].components == ["a": 2, "b": 1])
    }

    @Test func `what no level tells apart is even, and scaling a signal changes nothing`() throws {
        #expect(try hierarchy([0], [[1], [1]]).map(\.value) == [0.5, 0.5])
        let plain = try hierarchy([0.5, 0], unit: "deviations", [[2, 1], [1.6, 3], [0, 9]])
        let scaled = try hierarchy(
            [0.5, 0],
            unit: "deviations",
            [[2e3, 1], [1.6e3, 3], [0, 9]]
        )
        #expect(plain.map(\.value) == scaled.map(\.value))
        #expect(plain.map(\.value) == [0.5, 1, 0])
    }

    @Test func `a level that is reached and unscored leaves the two unscored`() throws {
        let scores = try hierarchy([0, 0], [[2, nil], [2, 1]])
        #expect(scores.map(\.value) == [nil, nil])
        #expect(scores[0].reason == "b: none")
        #expect(try hierarchy([0, 0], [[2, nil], [3, 1]]).map(\.value) == [0, 1])
    }

    // MARK: - Scales

    @Test func `what win rates make`() throws {
        let judged: Value = ["name": "judge", "model": "m"]
        let measured: Value = ["name": "length", "target": 3]
        func scale(_ name: String, _ rewards: [Value], rule: String? = nil) throws -> RewardScale {
            var fields: [String: Value] = ["name": .string(name), "rewards": .array(rewards)]
            fields["rule"] = rule.map { .string($0) }
            return try RewardPlan(.object(fields)).scale
        }
        #expect(try scale("ensemble", [judged, judged]) == .preference)
        #expect(try scale("ensemble", [measured, measured]) == .score)
        let parts: [Value] = [["reward": judged], ["weight": 0.1, "reward": measured]]
        #expect(try scale("weighted_sum", parts) == .mixed)
        #expect(try scale("hierarchy", [["reward": judged], ["reward": measured]]) == .preference)
        for name in ["max", "min", "product"] {
            #expect(throws: Faults.self) { try scale(name, [judged]) }
        }
        #expect(throws: Faults.self) { try scale("ensemble", [judged, measured]) }
        #expect(throws: Faults.self) {
            try scale("ensemble", [judged, judged], rule: "worst_case")
        }
        #expect(throws: Faults.self) { try scale("logical_and", [["reward": judged]]) }
    }

    @Test(
        arguments: [
            ["name": "ensemble", "rewards": []],
            [
                "name": "ensemble",
                "rewards": [["weight": 1, "reward": ["name": "length", "target": 1]]],
            ],
            ["name": "ensemble", "rewards": [3]],
            ["name": "ensemble", "coefficient": -1, "rewards": [["name": "length", "target": 1]]],
            ["name": "ensemble", "rule": "best", "rewards": [["name": "length", "target": 1]]],
            [
                "name": "hierarchy",
                "rewards": [["threshold": -1, "reward": ["name": "length", "target": 1]]],
            ],
            ["name": "hierarchy", "rewards": [["threshold": 1]]],
            ["name": "logical_and", "rewards": [["name": "length", "target": 1]]],
        ] as [Value]
    )
    func `what makes no combination is refused`(_ spec: Value) {
        #expect(throws: Faults.self) { try RewardPlan(spec) }
    }
}
