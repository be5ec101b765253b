import Domain
import Foundation
import Rewards
import Testing

@Suite struct GraderTests {
    private static let item: Value = [
        "answer": "Paris", "numbers": [1, 2.5], "nested": ["deep": ["x": true]],
    ]

    private func score(
        _ grader: Value,
        _ completion: String,
        item: Value = GraderTests.item
    ) throws -> RewardScore {
        let plan = try RewardPlan(["name": "grader", "grader": grader])
        return try plan.scorer().score(
            RewardInput(prompt: "p", completion: completion, item: item)
        )
    }

    private func check(_ input: String, _ operation: String, _ reference: String) -> Value {
        [
            "type": "string_check", "name": "c", "input": .string(input),
            "reference": .string(reference), "operation": .string(operation),
        ]
    }

    @Test(arguments: [
        ("eq", "Paris", 1.0), ("eq", "paris", 0), ("ne", "paris", 1), ("ne", "Paris", 0),
        ("like", "in Paris.", 1), ("like", "in paris", 0), ("ilike", "IN PARIS", 1),
        ("ilike", "Rome", 0),
    ])
    func `a string check compares as it says`(
        _ operation: String,
        _ text: String,
        _ wanted: Double
    )
        throws
    {
        let grader = check("{{sample.output_text}}", operation, "{{ item.answer }}")
        #expect(try score(grader, text).value == wanted)
    }

    @Test func `templates reach into records and JSON`() throws {
        let places = [
            ("{{item.numbers[1]}}", "2.5"), ("{{item.nested.deep.x}}", "true"),
            ("<{{item.numbers}}>", "<[1,2.5]>"), ("{{sample.output_json.a.0}}", "7"),
            ("{{sample.output_json}}", #"{"a":[7]}"#),
            ("{{item.answer}}{{item.answer}}", "ParisParis"),
        ]
        for (template, text) in places {
            let found = try score(check(template, "eq", text), #"{"a":[7]}"#)
            #expect(found.value == 1, "\(template) \(found)")
        }
    }

    @Test func `what is put in is not a template`() throws {
        let grader = check("{{sample.output_text}}", "eq", "{{item.answer}}")
        #expect(try score(grader, "{{item.answer}}").value == 0)
    }

    @Test func `a field that is not there leaves it unscored`() throws {
        for template in ["{{item.nothing}}", "{{item.numbers[9]}}", "{{sample.output_json.b}}"] {
            let found = try score(check(template, "eq", "x"), "{}")
            #expect(found.value == nil)
            #expect(found.reason?.hasPrefix("there is no ") == true)
        }
        #expect(try score(check("{{sample.output_json}}", "eq", "x"), "no JSON").value == nil)
        let deep = String(repeating: "[", count: 100_000)
        #expect(try score(check("{{sample.output_json}}", "eq", "x"), deep).value == nil)
    }

    @Test func `a formula of graders`() throws {
        let multi: Value = [
            "type": "multi", "name": "m", "calculate_output": "(2*same + 0.5*like)/2 - max(0, -1)",
            "graders": [
                "same": check("{{sample.output_text}}", "eq", "Paris"),
                "like": [
                    "type": "text_similarity", "name": "l", "input": "{{sample.output_text}}",
                    "reference": "{{item.answer}}", "evaluation_metric": "fuzzy_match",
                ],
            ],
        ]
        let exact = try score(multi, "Paris")
        #expect(exact.value == 1.25)
        #expect(exact.components == ["like": 1, "same": 1])
        #expect(try score(multi, "Par").value == 0.25 * 0.75)
        #expect(try score(multi, "Paris", item: [:]).value == nil)
    }

    @Test func `the models of graders are known before anything runs`() throws {
        let label: Value = [
            "type": "label_model", "name": "l", "model": "small",
            "input": [["role": "user", "content": "{{item.q}}", "type": "message"]],
            "labels": ["good", "bad"], "passing_labels": ["good"],
        ]
        let plan = try RewardPlan(["name": "grader", "grader": label])
        #expect(plan.models == [.language("small")])
        #expect(plan.readsItems)
        #expect(plan.leaves[0].label == "l")
        guard case .labelModel(let grader)? = plan.leaves[0].source else {
            Issue.record("no label grader")
            return
        }
        #expect(grader.grade([-1, -2]).value == 1)
        #expect(grader.grade([-2, -1]).value == 0)
        #expect(grader.grade([-1]).value == nil)
        let messages = grader.conversation.filled(
            RewardInput(prompt: "", completion: "", item: ["q": "Q"])
        )
        #expect(try messages.get() == [ChatMessage(role: "user", content: "Q")])
    }

    @Test func `a grade is read from what a model writes`() throws {
        let spec: Value = [
            "type": "score_model", "name": "s", "model": "m", "range": [0, 10],
            "input": [["role": "user", "content": "Grade {{sample.output_text}}"]],
            "sampling_params": ["temperature": 0.5, "seed": 3, "max_completions_tokens": 9],
        ]
        let plan = try RewardPlan(["name": "grader", "grader": spec])
        guard case .scoreModel(let grader)? = plan.leaves[0].source else {
            Issue.record("no score grader")
            return
        }
        #expect(grader.sampling.temperature == 0.5)
        #expect(grader.sampling.maxTokens == 9)
        #expect(grader.seed == 3)
        let answers: [(String, Double?)] = [
            ("7", 7), (#"{"steps":[],"result":4.5}"#, 4.5), ("Of 10, I give 8.", 8), ("-3", nil),
            ("none", nil), ("", nil), ("11", nil), (#"{"result":"x"}"#, nil), ("1-2", nil),
        ]
        for (text, wanted) in answers { #expect(grader.grade(text).value == wanted, "\(text)") }
    }

    @Test func `every fault of a grader is told at once with its path`() {
        let wrong: Value = [
            "type": "string_check", "input": "{{x}}", "reference": "", "operation": "eq",
        ]
        let spec: Value = [
            "name": "grader",
            "grader": [
                "type": "multi", "name": "m", "calculate_output": "a",
                "graders": [
                    "a": ["type": "string_chek"], "b": ["type": "python", "source": "x"],
                    "c": wrong,
                ],
            ],
        ]
        let faults = #expect(throws: Faults.self) { try RewardPlan(spec, path: "$.reward") }
        let paths = faults?.list.map { $0.path } ?? []
        #expect(
            paths == [
                "$.reward.grader.graders.a.type", "$.reward.grader.graders.b.source",
                "$.reward.grader.graders.c.input",
            ]
        )
        #expect(faults?.list.first?.message.contains("\"string_check\"") == true)
    }

    @Test func `graders are nested only so deep`() {
        var grader: Value = check("a", "eq", "b")
        for _ in 0..<40 {
            grader = ["type": "multi", "calculate_output": "x", "graders": ["x": grader]]
        }
        let spec: Value = ["name": "grader", "grader": grader]
        #expect(throws: Faults.self) { try RewardPlan(spec) }
    }

    // MARK: - Formulas

    private func formula(_ text: String) throws -> Double? {
        let check = check("a", "eq", "a")
        return try score(
            [
                "type": "multi", "calculate_output": .string(text),
                "graders": ["x": check, "y": check],
            ],
            ""
        ).value
    }

    @Test(arguments: [
        ("1 + 2 * 3", 7.0), ("(1+2)*3", 9), ("2^3^2", 512), ("-2^2", -4), ("2^-1", 0.5),
        ("10/4/5", 0.5), ("1 - 2 - 3", -4), ("min(3, x, 2)", 1), ("max(x + y, 1.5e0)", 2),
        ("abs(-3)", 3), ("floor(-1.5)", -2), ("ceil(1.2)", 2), ("exp(0)", 1), ("sqrt(9)", 3),
        ("log(1)", 0), ("+x", 1), ("--x", 1), (".5", 0.5), ("x", 1),
    ])
    func `formulas mean what mathematics means`(_ text: String, _ value: Double) throws {
        #expect(try formula(text) == value)
    }

    @Test(arguments: ["log(-1)", "sqrt(-1)", "1/(x-y)", "0/(x-y)", "exp(1000)", "log(0)"])
    func `what has no finite value is unscored`(_ text: String) throws {
        #expect(try formula(text) == nil)
    }

    @Test(arguments: [
        "", "1 +", "(x", "x)", "x y", "z", "sin(x)", "min()", "abs(1, 2)", "1..2", "x ** 2", "é",
        "x;y", "__import__", "1e999",
    ])
    func `what is no formula is refused`(_ text: String) {
        #expect(throws: Faults.self) { try formula(text) }
    }

    @Test func `deep and long formulas are refused, not followed`() {
        let texts = [
            String(repeating: "(", count: 2000), String(repeating: "-", count: 4000) + "1",
            String(repeating: "1+", count: 1500) + "1", String(repeating: "2^", count: 1000) + "1",
            String(repeating: "1+", count: 4000) + "1",
        ]
        for text in texts { #expect(throws: Faults.self) { try formula(text) } }
    }
}
