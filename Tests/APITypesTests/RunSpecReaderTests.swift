import APITypes
import Domain
import Foundation
import Testing

@Suite struct RunSpecReaderTests {
    static let online: Value = [
        "name": "helpful-1", "kind": "online", "model": "smol",
        "prompts": ["file": "prompts.jsonl"], "reward": ["name": "length", "target": 20],
    ]

    private func faults(_ changes: [String: Value]) -> [Fault] {
        let fields = Self.online.objectValue?.merging(changes) { _, new in new } ?? [:]
        do throws(Faults) {
            _ = try RunSpecReader.read(.object(fields))
            return []
        } catch {
            return error.list
        }
    }

    @Test func `a spec of required fields alone has every default`() throws {
        let spec = try RunSpecReader.read(Self.online)
        var expected = RunSpec(
            name: "helpful-1",
            kind: .online,
            model: "smol",
            objective: NamedParameters(name: "dpo")
        )
        expected.prompts = .file("prompts.jsonl")
        expected.reward = ["name": "length", "target": 20]
        #expect(spec == expected)
    }

    @Test func `every fault is listed at once with its path`() {
        let list = faults([
            "optimizr": [:],
            "iterations": 0,
            "sampling": ["temprature": 1, "top_p": 0, "group_size": 1],
            "optimizer": ["schedule": "cosinus", "learning_rate": "fast"],
            "adapter": ["rank": 0],
            "train_layers": 3,
            "data": ["file": "x"],
            "evaluation": ["every": 1],
        ])
        #expect(
            Set(list.map(\.path)) == [
                "$.optimizr", "$.iterations", "$.sampling.temprature", "$.sampling.top_p",
                "$.sampling.group_size", "$.optimizer.schedule", "$.optimizer.learning_rate",
                "$.adapter.rank", "$.adapter", "$.data", "$.evaluation.prompts",
            ]
        )
        #expect(list.first { $0.path == "$.optimizr" }?.message.contains("\"optimizer\"") == true)
        #expect(
            list.first { $0.path == "$.optimizer.schedule" }?.message.contains("cosine") == true
        )
    }

    @Test func `teachers are read, written, at most two, and kept to policies`() throws {
        let written: Value = .object(
            Self.online.objectValue?.merging(["teachers": ["big", "small"]]) { $1 } ?? [:]
        )
        let spec = try RunSpecReader.read(written)
        #expect(spec.teachers == ["big", "small"])
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        #expect(faults(["teachers": ["a", "b", "c"]]).map(\.path) == ["$.teachers"])
        let reward: [String: Value] = [
            "kind": "reward_model", "data": ["file": "pairs.jsonl"], "prompts": .null,
            "reward": .null, "teachers": ["big"],
        ]
        #expect(faults(reward).map(\.path) == ["$.teachers"])
    }

    @Test func `advantage and staleness are read, written and kept to online runs`() throws {
        let fields: [String: Value] = [
            "objective": ["name": "grpo"], "max_staleness": 2,
            "advantage": ["name": "group_relative", "epsilon": 0.01],
        ]
        let spec = try RunSpecReader.read(
            .object(Self.online.objectValue?.merging(fields) { $1 } ?? [:])
        )
        #expect(spec.maxStaleness == 2)
        #expect(spec.advantage?.name == "group_relative")
        #expect(spec.advantage?.parameters == ["epsilon": 0.01])
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        let found = faults([
            "kind": "sft", "data": ["file": "x"], "prompts": .null, "reward": .null,
            "advantage": ["name": "group_mean"], "max_staleness": 1,
        ]).map(\.path)
        #expect(Set(found).isSuperset(of: ["$.advantage", "$.max_staleness"]), "\(found)")
        #expect(faults(["max_staleness": 17]).map(\.path) == ["$.max_staleness"])
    }

    @Test func `a spec stored before there was a staleness reads as none`() throws {
        var spec = try RunSpecReader.read(Self.online)
        spec.maxStaleness = 3
        var stored = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(spec))
            .objectValue
        #expect(stored?["maxStaleness"] == 3)
        stored?["maxStaleness"] = nil
        let text = try JSONEncoder().encode(Value.object(stored ?? [:]))
        spec.maxStaleness = 0
        #expect(try JSONDecoder().decode(RunSpec.self, from: text) == spec)
    }

    @Test(arguments: [
        ("offline", "$.data"), ("reward_model", "$.data"), ("sft", "$.data"),
        ("online", "$.prompts"), ("online", "$.reward"),
    ])
    func `a kind names the inputs it lacks`(kind: String, path: String) {
        let spec: Value = ["name": "a", "kind": .string(kind), "model": "m"]
        #expect(throws: Faults.self) { try RunSpecReader.read(spec) }
        do { _ = try RunSpecReader.read(spec) } catch {
            #expect(error.list.contains { $0.path == path })
        }
    }

    @Test func `a source is a file or items and never both`() {
        #expect(faults(["prompts": [:]]).map(\.path) == ["$.prompts"])
        #expect(faults(["prompts": ["file": "a", "items": ["b"]]]).map(\.path) == ["$.prompts"])
        #expect(faults(["prompts": ["items": []]]).map(\.path) == ["$.prompts.items"])
    }

    @Test(arguments: ["", "-a", "a/b", "../x", ".x", "a@1", String(repeating: "a", count: 129)])
    func `a name that cannot be a folder is refused`(name: String) {
        #expect(faults(["name": .string(name)]).map(\.path) == ["$.name"])
    }

    @Test func `a value of the wrong kind never traps`() {
        for value: Value in [.null, 1, "x", [], [1], true, 1.5] {
            #expect(throws: Faults.self) { try RunSpecReader.read(value) }
        }
        for name in Self.online.objectValue?.keys.sorted() ?? [] {
            #expect(!faults([name: .bool(true)]).isEmpty)
        }
    }

    @Test func `writing and reading gives the same spec for every kind of field`() throws {
        var spec = try RunSpecReader.read(Self.online)
        spec.trainable = .lora(rank: 4, alpha: 9.5)
        spec.stop.maxKL = 12
        spec.sampling.stop = ["\n", "END"]
        spec.seed = 77
        spec.optimizer.schedule = .cosine
        spec.optimizer.warmupSteps = 3
        var evaluation = EvaluationSpec(prompts: .items(["a"]))
        evaluation.rewards = [["name": "regex", "pattern": "x"]]
        spec.evaluation = evaluation
        spec.activationMemoryBytes = 64 << 20
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        spec.trainable = .topLayers(5)
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        let reward = try RunSpecReader.read([
            "name": "r", "kind": "reward_model", "model": "m", "data": ["file": "d"],
            "reward_model": ["layers": 15, "head_fit": "ridge", "template": "x{completion}"],
        ])
        #expect(reward.rewardModel.layers == 15)
        #expect(reward.objective.name == "bradley_terry")
        #expect(try RunSpecReader.read(RunSpecWriter.value(reward)) == reward)
    }

    @Test func `the table of defaults says what the reader does`() throws {
        let written = RunSpecWriter.value(try RunSpecReader.read(Self.online))
        let table = FieldTable(RunSpecSchema.schema)
        for row in table.rows {
            guard case .defaulted(let expected) = row.presence, expected.objectValue == nil,
                ![
                    "adapter.", "curriculum.", "evaluation.", "mix.", "noise.", "opponent.",
                    "reward_model.", "sampling.refill.", "stages.", "value_model.",
                ].contains(where: row.path.hasPrefix)
            else { continue }
            let found = row.path.split(separator: ".").reduce(written as Value?) {
                $0?[String($1)]
            }
            #expect(found?.doubleValue == expected.doubleValue, "\(row.path)")
            #expect(found?.stringValue == expected.stringValue, "\(row.path)")
        }
        #expect(table.rows.count > 50)
        #expect(table.markdown.contains("| `optimizer.learning_rate` |"))
        #expect(table.rows.allSatisfy { $0.meaning.hasSuffix(".") })
    }

    private static func rewardModel(_ settings: Value, objective: Value? = nil) -> Value {
        var spec: [String: Value] = [
            "name": "r", "kind": "reward_model", "model": "m", "data": ["file": "x.jsonl"],
            "reward_model": settings,
        ]
        spec["objective"] = objective
        return .object(spec)
    }

    @Test func `a head is read with its settings and written back`() throws {
        let spec = try RunSpecReader.read(
            Self.rewardModel(["head": ["name": "ensemble", "members": 3]])
        )
        #expect(spec.rewardModel.head == .ensemble(.init(members: 3, bootstrap: true)))
        #expect(spec.rewardKind == .ensemble)
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        let plain = try RunSpecReader.read(Self.rewardModel(["head": "preference"]))
        #expect(plain.rewardModel.kind == .preference)
        #expect(try RunSpecReader.read(RunSpecWriter.value(plain)) == plain)
    }

    @Test func `the fit and the objective follow from head and data`() throws {
        let pair = try RunSpecReader.read(Self.rewardModel(["head": "pair"]))
        #expect(pair.objective.name == "binary_labels" && pair.rewardModel.headFit == .logistic)
        let attributes = try RunSpecReader.read(Self.rewardModel(["head": "attributes"]))
        #expect(attributes.rewardModel.headFit == .ridge && attributes.updateEpochs == 0)
        let lists = try RunSpecReader.read(
            Self.rewardModel([:], objective: ["name": "plackett_luce"])
        )
        #expect(lists.rewardModel.headFit == .plackettLuce)
        let plain = try RunSpecReader.read(Self.rewardModel([:]))
        #expect(
            plain.rewardModel.headFit == .bradleyTerry && plain.objective.name == "bradley_terry"
        )
    }

    @Test(
        arguments: [
            (["name": "ensemble", "members": 1], "$.reward_model.head.members"),
            (["name": "ensemble", "memebers": 3], "$.reward_model.head.memebers"),
            (["name": "preference", "dimensions": 3], "$.reward_model.head.dimensions"),
            (["name": "pair", "template": "{a}"], "$.reward_model.head.template"),
            (["name": "attributes", "weights": ["x": "y"]], "$.reward_model.head.weights"),
        ] as [(Value, String)]
    )
    func `a wrong head is refused by path`(_ head: Value, _ path: String) {
        let faults = #expect(throws: Faults.self) {
            try RunSpecReader.read(Self.rewardModel(["head": head]))
        }
        #expect(faults?.list.map(\.path) == [path])
    }
}
