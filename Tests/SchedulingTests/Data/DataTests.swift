import Domain
import Objectives
import Testing
import WorkerProtocol

@testable import Scheduling

struct DataTests {
    private func record(_ value: Value) -> DataRecord { DataRecord(value: value, place: "f:1") }

    private let question: Value = [["role": "user", "content": "q"]]

    @Test func `pairs are read in every shape`() throws {
        let text = try PairExample(record(["prompt": "p", "chosen": "a", "rejected": "b"]))
        #expect(text.prompt == .text("p"))
        let trl = try PairExample(
            record([
                "prompt": question,
                "chosen": [["role": "assistant", "content": "a"]],
                "rejected": [["role": "assistant", "content": "b"]],
            ])
        )
        let openAI = try PairExample(
            record([
                "input": ["messages": question],
                "preferred_output": [["role": "assistant", "content": "a"]],
                "non_preferred_output": [["role": "assistant", "content": "b"]],
            ])
        )
        let implicit = try PairExample(
            record([
                "chosen": [
                    ["role": "user", "content": "q"], ["role": "assistant", "content": "a"],
                ],
                "rejected": [
                    ["role": "user", "content": "q"], ["role": "assistant", "content": "b"],
                ],
            ])
        )
        #expect(trl == openAI)
        #expect(trl == implicit)
        #expect(trl.prompt == .messages([ChatMessage(role: "user", content: "q")]))
    }

    @Test(arguments: [
        Value.string("x"), ["prompt": "p", "chosen": "a"],
        ["prompt": 3, "chosen": "a", "rejected": "b"],
        ["prompt": "p", "chosen": "a", "rejected": "a"],
        ["chosen": [], "rejected": []],
    ])
    func `a malformed pair is an error that names its place`(_ value: Value) {
        let error = #expect(throws: HoneError.self) { try PairExample(record(value)) }
        #expect(error?.message.hasPrefix("f:1: ") == true)
    }

    @Test func `held-out ratings share nothing with those learned from`() throws {
        let records = (0..<50).map {
            record(["text": .string("t\($0)"), "rating": .number(Double($0 % 5))])
        }
        var spec = RewardModelSpec()
        spec.holdout = 0.2
        spec.minimumMargin = 2
        let data = try RewardData(records: records, spec: spec, plan: BatchPlan(seed: 3))
        let learned = Set(data.training)
        #expect(learned.count == 40)
        #expect(
            data.trainingPairs.allSatisfy {
                learned.contains($0.chosen) && learned.contains($0.rejected)
            }
        )
        #expect(
            data.heldOutPairs.allSatisfy {
                !learned.contains($0.chosen) && !learned.contains($0.rejected)
            }
        )
        #expect(
            (data.trainingPairs + data.heldOutPairs).allSatisfy {
                data.ratings[$0.chosen] - data.ratings[$0.rejected] >= 2
            }
        )
        let fit = data.fitHead(.ridge)
        #expect(fit.items.count == 40 && fit.ratings.count == 40 && fit.chosen.isEmpty)
    }

    @Test func `ratings of texts of different prompts are regressed on, and make no pairs`() throws
    {
        func data(_ ratings: [Double], _ fit: RewardModelSpec.HeadFit) throws -> RewardData {
            var spec = RewardModelSpec()
            (spec.holdout, spec.headFit) = (0, fit)
            let values = ratings.enumerated().map { place, rating -> Value in
                ["prompt": .string("p\(place)"), "completion": "a", "rating": .number(rating)]
            }
            return try RewardData(
                records: values.map(record),
                spec: spec,
                plan: BatchPlan(seed: 3)
            )
        }
        let regressed = try data([1, 5], .ridge)
        #expect(regressed.fitHead(.ridge).ratings == [1, 5] && regressed.trainingPairs.isEmpty)
        var spec = RunSpec(
            name: "r",
            kind: .rewardModel,
            model: "m",
            objective: NamedParameters(name: "bradley_terry")
        )
        spec.rewardModel.headFit = .ridge
        spec.updateEpochs = 1
        let wrong = regressed.mismatch(spec, DataRequirements(.pairs))
        #expect(wrong?.message.hasSuffix("use rating_regression") == true)
        #expect(throws: HoneError.self) { try data([1, 5], .bradleyTerry) }
        #expect(throws: HoneError.self) { try data([3, 3], .ridge) }
    }

    @Test func `labels, lists and attributes are told apart by what records say`() throws {
        func data(_ values: [Value], _ head: RewardHead? = nil) throws -> RewardData {
            var spec = RewardModelSpec()
            (spec.holdout, spec.head) = (0, head)
            return try RewardData(
                records: values.map(record),
                spec: spec,
                plan: BatchPlan(seed: 3)
            )
        }
        let labels = try data([
            ["completion": "a", "label": true], ["text": "b", "label": false],
        ])
        #expect(labels.kind == .labels && labels.labels == [true, false])
        #expect(labels.fitHead(.logistic).labels == [true, false])
        let lists = try data([
            ["prompt": "p", "completions": ["a", "b", "c"]],
            ["prompt": "q", "completions": ["d", "e", "f"], "ranks": [2, 1, 2]],
            ["prompt": "r", "completions": ["g", "h"], "rewards": [0.5, 0.75]],
        ])
        #expect(lists.trainingLists == [[0, 1, 2], [4, 3, 5], [7, 6]])
        #expect(lists.trainingPairs.map { [$0.chosen, $0.rejected] }.contains([4, 5]))
        // Equal ranks are no pair.
        #expect(!lists.trainingPairs.contains { $0.chosen == 3 && $0.rejected == 5 })
        let rated = try data(
            [
                ["completion": "a", "attributes": ["x": 1, "y": 2]],
                ["completion": "b", "attributes": ["y": 3, "x": .null]],
                ["prompt": "p", "chosen": "c", "rejected": "d"],
            ],
            .attributes(.init())
        )
        #expect(rated.attributes == ["x", "y"])
        #expect(rated.attributeRatings == [[1, 2], [nil, 3], [nil, nil], [nil, nil]])
        let fit = rated.fitHead(.ridge)
        #expect(fit.chosen == [2] && fit.rejected == [3] && fit.items.count == 4)
    }

    @Test(
        arguments: [
            ["completion": "a", "label": "up"], ["completion": "a", "attributes": ["x": "much"]],
            ["prompt": "p", "completions": ["a"]],
            ["prompt": "p", "completions": ["a", "b"], "ranks": [1]],
        ] as [Value]
    )
    func `a malformed label, list or attribute is an error that names its place`(_ value: Value) {
        let error = #expect(throws: HoneError.self) {
            try RewardData(
                records: [record(value)],
                spec: RewardModelSpec(),
                plan: BatchPlan(seed: 0)
            )
        }
        #expect(error?.message.hasPrefix("f:1: ") == true)
    }

    @Test func `prompts are gone through in passes, every one once before any again`() {
        let plan = BatchPlan(seed: 9)
        let drawn = (0..<4).flatMap { plan.prompts(at: 5 * $0..<5 * $0 + 5, of: 10) }
        #expect(Set(drawn[..<10].map(\.prompt)).count == 10)
        #expect(Set(drawn[10...].map(\.prompt)).count == 10)
        #expect(drawn[..<10].map(\.prompt) != drawn[10...].map(\.prompt))
        #expect(Set(drawn.map(\.stream)).count == 20)
    }

    @Test func `minibatches of a pass cover it once`() {
        let plan = BatchPlan(seed: 9)
        let pass = (0..<4).map { plan.minibatch(step: $0, place: 1, of: 10, size: 3) }
        #expect(pass.map(\.count) == [3, 3, 3, 1])
        #expect(pass.flatMap(\.self).sorted() == Array(0..<10))
        #expect(plan.minibatch(step: 4, place: 1, of: 10, size: 3) != pass[0])
    }

    @Test func `a template is filled once, whatever the texts hold`() throws {
        let records = [
            record(["prompt": "{completion}", "chosen": "{prompt}", "rejected": "b"]),
            record(["prompt": "p", "chosen": "a", "rejected": "b"]),
        ]
        let data = try RewardData(
            records: records,
            spec: RewardModelSpec(),
            plan: BatchPlan(seed: 0)
        )
        #expect(data.text(0, template: "{prompt}|{completion}") == "{completion}|{prompt}")
    }
}
