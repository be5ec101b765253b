import Domain
import Objectives
import Testing

@Suite struct ObjectiveCaseTests {
    private static let pair: Value = [
        "chosen": ["logprobs": [-1, -2], "reference_logprobs": [-1.5, -2]],
        "rejected": ["logprobs": [-1.0], "reference_logprobs": [-0.5]],
    ]

    private func refusal(_ line: Value) -> HoneError? {
        #expect(throws: HoneError.self) { try ObjectiveCase.evaluate(line) }
    }

    @Test func `bradley terry answers with gradients by score`() throws {
        let answer = try ObjectiveCase.evaluate([
            "objective": "bradley_terry",
            "batch": ["pairs": [["chosen": ["score": 1.5], "rejected": ["score": 1.5]]]],
        ])
        #expect(abs((answer["loss"]?.doubleValue ?? 0) - 0.6931471805599453) < 1e-15)
        #expect(answer["gradients"] == [["score": -0.5], ["score": 0.5]])
    }

    @Test func `soft labels at one half push equal scores nowhere`() throws {
        let pair: Value = [
            "chosen": ["score": 2], "rejected": ["score": 2], "preference_probability": 0.5,
        ]
        let answer = try ObjectiveCase.evaluate([
            "objective": "bradley_terry", "parameters": ["soft_labels": true],
            "batch": ["pairs": [pair]],
        ])
        #expect(
            answer["gradients"]?.arrayValue?.allSatisfy { $0["score"]?.doubleValue == 0 } == true
        )
    }

    @Test func `fields that no objective knows and expected answers are ignored`() throws {
        var pair = Self.pair.objectValue ?? [:]
        pair["origin"] = "a forum"
        let line: Value = [
            "objective": "dpo", "batch": ["pairs": [.object(pair)], "note": 1], "expected": 3,
        ]
        #expect(try ObjectiveCase.evaluate(line)["loss"]?.doubleValue?.isFinite == true)
    }

    @Test func `a score is no log-probabilities to those that train a policy`() {
        let pair: Value = ["chosen": ["score": 1.5], "rejected": ["score": 1.5]]
        let error = refusal(["objective": "simpo", "batch": ["pairs": [pair]]])
        #expect(error?.code == .invalidData)
        #expect(error?.param == "batch.pairs[0].chosen.logprobs")
    }

    @Test func `unknown names and parameters are refused with codes`() {
        let unknown = refusal(["objective": "dpoo", "batch": ["pairs": []]])
        #expect(unknown?.code == .unknownObjective)
        #expect(unknown?.param == "objective")
        let parameter = refusal(
            ["objective": "dpo", "parameters": ["betta": 1], "batch": ["pairs": [Self.pair]]]
        )
        #expect(parameter?.code == .invalidRequest)
        #expect(parameter?.param == "parameters.betta")
        #expect(parameter?.message.contains("\"beta\"") == true)
    }

    @Test(
        arguments: [
            ["objective": "dpo"],
            ["objective": "dpo", "batch": []],
            ["objective": "dpo", "batch": ["groups": []]],
            ["objective": "dpo", "batch": ["pairs": [1]]],
            ["objective": "dpo", "batch": ["pairs": [["chosen": ["logprobs": [1]]]]]],
            ["objective": "dpo", "batch": ["pairs": [["chosen": ["logprobs": ["a"]]]]]],
            ["objective": "rrhf", "batch": ["groups": [["rewards": [1]]]]],
            ["objective": "rrhf", "batch": ["groups": [["completions": [], "rewards": [1]]]]],
            ["objective": "dpo", "advantage": "gae", "batch": [:]],
            ["objective": "kto", "batch": ["sequences": [["logprobs": [-1], "label": 1]]]],
            ["advantage": "gae", "batch": ["rewards": [1]]],
            ["advantage": "group_mean", "batch": ["values": [1]]],
            [:], 3,
        ] as [Value]
    )
    func `malformed lines are refused with the field at fault`(_ line: Value) {
        let error = refusal(line)
        #expect([.invalidRequest, .invalidData].contains(error?.code))
        #expect(error?.message.isEmpty == false)
    }

    @Test func `an unscored completion is left out of its group`() throws {
        func answer(_ completions: [Value], _ rewards: Value) throws -> [Value] {
            let answer = try ObjectiveCase.evaluate([
                "objective": "rrhf",
                "batch": ["groups": [["completions": .array(completions), "rewards": rewards]]],
            ])
            return answer["gradients"]?.arrayValue ?? []
        }
        let three: [Value] = [[-1.0], [-2.0, -1.0], [-0.5]].map { ["logprobs": $0] }
        let scored = try answer([three[0], three[2]], [1, 0])
        let gap = try answer(three, [1, .null, 0])
        #expect(gap == [scored[0], ["logprobs": [0.0, 0.0]], scored[1]])
    }

    @Test func `kto's baseline is the mean of the mismatched log-ratios, at least zero`() throws {
        let objective = try ObjectiveCatalogue.make(name: "kto", parameters: [:], path: "$")
        var terms = SequenceTerms(logprobs: [-1])
        terms.referenceLogprobs = [-2]
        terms.label = true
        terms[scalar: .mismatchedLogRatio] = 3
        var other = terms
        other[scalar: .mismatchedLogRatio] = 1
        let statistics = try objective.statistics(of: .sequences([terms, other]))
        #expect(statistics.mean("kl_baseline") == 2)
        let fixed = try ObjectiveCatalogue.make(
            name: "kto",
            parameters: ["kl_baseline": 2],
            path: "$"
        )
        let batch = ObjectiveBatch(.sequences([terms, other]))
        #expect(try objective.evaluate(batch) == fixed.evaluate(batch))
        other[scalar: .mismatchedLogRatio] = nil
        #expect(
            try objective.statistics(of: .sequences([terms, other])).mean("kl_baseline") == 2
        )
        let own = try ObjectiveCatalogue.make(
            name: "kto",
            parameters: ["baseline": "own"],
            path: "$"
        )
        #expect(try own.statistics(of: .sequences([terms, other])).mean("kl_baseline") == 1)
        let asked = [objective, fixed, own].map { $0.requirements.mismatched }
        #expect(asked == [true, false, false])
    }
}
