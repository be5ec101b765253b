import Domain
import Objectives
import Testing

@testable import Scheduling

struct ElementReaderTests {
    private func read(
        _ objective: String,
        _ value: Value,
        _ parameters: Value = [:]
    ) throws -> [DataElement] {
        var spec = RunSpec(
            name: "x",
            kind: .offline,
            model: "m",
            objective: NamedParameters(name: objective, parameters: parameters)
        )
        spec.data = nil
        return try ElementReader(spec).elements([DataRecord(value: value, place: "f:1")])
    }

    private let pair: Value = ["prompt": "p", "chosen": "a", "rejected": "b"]

    private func with(_ value: Value, _ fields: [String: Value]) -> Value {
        .object((value.objectValue ?? [:]).merging(fields) { $1 })
    }

    @Test func `a pair carries what its line says of it`() throws {
        let line = with(
            pair,
            [
                "chosen_reward": 3, "rejected_reward": 1, "chosen_value": 0.5, "weight": 2,
                "chosen_win_rate": 0.75,
            ]
        )
        let element = try #require(try read("dpo", line).first)
        #expect(element.completions.map(\.text) == ["a", "b"])
        #expect(
            element.completions[0].scalars
                == [.reward: 3, .stateValue: 0.5, .winRate: 0.75]
        )
        #expect(element.completions[1].scalars == [.reward: 1])
        #expect(element.margin == 2 && element.weight == 2)
        #expect(abs((element.preferenceProbability ?? 0) - 0.8807970779778823) < 1e-12)
        let said = with(line, ["margin": 7, "preference_probability": 0.25])
        let second = try #require(try read("dpo", said).first)
        #expect(second.margin == 7 && second.preferenceProbability == 0.25)
        // ultrafeedback_binarized
        let scored = with(pair, ["score_chosen": 8, "score_rejected": 7.5])
        #expect(try read("rebel", scored).first?.margin == 0.5)
    }

    @Test func `an exploring objective takes a third completion of its line`() throws {
        let line = with(pair, ["exploration": [["role": "assistant", "content": "c"]]])
        #expect(try read("xpo", line).first?.completions.map(\.text) == ["a", "b", "c"])
        #expect(try read("dpo", line).first?.completions.map(\.text) == ["a", "b"])
    }

    @Test(
        arguments: [
            ["prompt": "p", "completions": ["a", "b", "c"], "rewards": [1, .null, 3]],
            [
                "instruction": "p",
                "completions": [
                    ["response": "a", "overall_score": 1], ["response": "b"],
                    ["response": "c", "overall_score": 3],
                ],
            ],
            ["instruction": "p", "generations": ["a", "b", "c"], "ratings": [1, .null, 3]],
            [
                "prompt": "p", "all_generated_responses": ["a", "b", "c"],
                "all_rm_scores": [1, .null, 3], "chosen": "c", "rejected": "a",
            ],
            [
                "prompt": "p",
                "completions": [
                    [["role": "assistant", "content": "a"]],
                    ["completion": "c", "reward": 3],
                ],
                "scores": [1, 3],
            ],
        ] as [Value]
    )
    func `a group is read in every shape and its unscored completions leave`(
        _ value: Value
    ) throws {
        let element = try #require(try read("lipo_lambda", value).first)
        #expect(element.prompt == .text("p"))
        #expect(element.completions.map(\.text) == ["a", "c"])
        #expect(element.completions.map { $0.scalars[.reward] } == [1, 3])
    }

    @Test func `a label objective takes labels or pairs`() throws {
        let line: Value = ["prompt": "p", "completion": "a", "label": false, "weight": 0.5]
        let single = try #require(try read("kto", line).first?.completions.first)
        #expect(single.label == false && single.weight == 0.5)
        let chat: Value = [
            "messages": [
                ["role": "user", "content": "q"], ["role": "assistant", "content": "r"],
            ],
            "label": true,
        ]
        #expect(try read("bco", chat).first?.completions.first?.label == true)
        let both = try read("kto", with(pair, ["weight": 3]))
        #expect(both.map { $0.completions.map(\.text) } == [["a"], ["b"]])
        #expect(both.map(\.completions[0].label) == [true, false])
        #expect(both.map(\.completions[0].weight) == [3, 3])
    }

    @Test func `an objective on advantages takes rewards of sequences, groups and pairs`() throws {
        let line: Value = ["prompt": "p", "completion": "a", "reward": 2]
        #expect(try read("grpo", line).first?.completions.first?.scalars == [.reward: 2])
        let group: Value = [
            "prompt": "p", "completions": ["a", "b", "c"], "rewards": [1, .null, 0],
        ]
        #expect(try read("grpo", group).map(\.completions[0].text) == ["a", "c"])
        let scored = with(pair, ["chosen_reward": 1, "rejected_reward": 0])
        #expect(try read("reinforce", scored).count == 2)
    }

    @Test(
        arguments: [
            (
                "rebel", ["prompt": "p", "chosen": "a", "rejected": "b", "chosen_reward": 1],
                "rejected_reward"
            ),
            ("modpo", ["prompt": "p", "chosen": "a", "rejected": "b"], "chosen_margin_reward"),
            ("osp", ["prompt": "p", "chosen": "a", "rejected": "b"], "preference_probability"),
            (
                "dpo",
                ["prompt": "p", "chosen": "a", "rejected": "b", "preference_probability": 2],
                "must be in [0, 1]"
            ),
            ("dpo", ["prompt": "p", "chosen": "a", "rejected": "b", "margin": "x"], "margin"),
            ("xpo", ["prompt": "p", "chosen": "a", "rejected": "b"], "exploration"),
            ("rrhf", ["prompt": "p", "completions": ["a", "b"]], "rewards"),
            (
                "rrhf", ["prompt": "p", "completions": ["a", "b"], "rewards": [1]],
                "1 numbers for 2"
            ),
            (
                "rrhf", ["prompt": "p", "completions": ["a", "b"], "rewards": [1, .null]],
                "at least 2"
            ),
            ("rrhf", ["prompt": "p", "completions": []], "completions"),
            ("rrhf", ["prompt": "p", "chosen": "a", "rejected": "b"], "completions"),
            ("kto", ["prompt": "p", "completion": "a"], "\"label\": true or false"),
            ("kto", ["prompt": "p", "completion": "a", "label": 1], "must be true or false"),
            ("kto", ["prompt": "p", "completion": "a", "label": true, "weight": -1], "weight"),
            ("grpo", ["prompt": "p", "completion": "a"], "has no \"reward\""),
            ("sft", ["prompt": "p", "chosen": "a", "rejected": "b"], "one a line"),
        ] as [(String, Value, String)]
    )
    func `what is missing is named with the line and the mend`(
        _ objective: String,
        _ value: Value,
        _ words: String
    ) {
        let error = #expect(throws: HoneError.self) { try read(objective, value) }
        #expect(error?.message.hasPrefix("f:1: ") == true)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}
