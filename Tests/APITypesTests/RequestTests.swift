import APITypes
import Domain
import Testing

@Suite struct RequestTests {
    private func paths(_ read: () throws -> Void) -> [String] {
        do {
            try read()
            return []
        } catch {
            return (error as? Faults)?.list.map(\.path) ?? ["not faults"]
        }
    }

    @Test func `prompts are texts, messages or token ids`() throws {
        let request = try RolloutsRequest([
            "model": "m",
            "prompts": ["hi", [["role": "user", "content": "x"]], [1, 2]],
            "n": 2, "sampling": ["seed": 9, "stop": "END", "temperature": 0],
        ])
        #expect(
            request.prompts == [
                .text("hi"), .messages([ChatMessage(role: "user", content: "x")]), .tokens([1, 2]),
            ]
        )
        #expect(request.seed == 9)
        #expect(request.sampling.stop == ["END"])
        #expect(request.count == 2)
    }

    @Test func `a model is imported from a path or made`() throws {
        let imported = try ModelRequest(["name": "m", "path": "/x"])
        #expect(imported.source == .path("/x"))
        let sizes: Value = ["tokenizer": "bytes", "layers": 2, "hidden": 64, "heads": 4]
        let made = try ModelRequest(["name": "m", "create": sizes])
        let model = NewModel(tokenizer: "bytes", layerCount: 2, hiddenSize: 64, headCount: 4)
        #expect(made.source == .new(model))
        #expect(model.intermediateSize == 192 && model.keyValueHeadCount == 4)
    }

    @Test func `new models of impossible sizes are refused, all faults at once`() {
        func faults(_ changes: [String: Value]) -> [String] {
            let sizes: [String: Value] = [
                "tokenizer": "ascii", "layers": 2, "hidden": 64, "heads": 4,
            ]
            let fields = sizes.merging(changes) { $1 }
            return paths { _ = try ModelRequest(["name": "m", "create": .object(fields)]) }
        }
        #expect(paths { _ = try ModelRequest(["name": "m"]) } == ["$.path"])
        #expect(
            paths { _ = try ModelRequest(["name": "m", "path": "p", "create": [:]]) }
                == ["tokenizer", "layers", "hidden", "heads"].map { "$.create.\($0)" }
        )
        #expect(faults(["hidden": 60, "kv_heads": 3]) == ["$.create.hidden", "$.create.kv_heads"])
        #expect(
            faults(["tokenizer_text": "t", "layers": 128, "hidden": 16384])
                == ["$.create.tokenizer_text", "$.create.layers"]
        )
        #expect(faults(["vocabulary": 300]) == ["$.create.vocabulary"])
        #expect(faults(["seed": -1, "layers": 0]) == ["$.create.layers", "$.create.seed"])
        let both: Value = [
            "name": "m", "path": "p",
            "create": ["tokenizer": "ascii", "layers": 2, "hidden": 64, "heads": 4],
        ]
        #expect(paths { _ = try ModelRequest(both) } == ["$.create"])
    }

    @Test func `rollouts refuse what they cannot do`() {
        #expect(paths { _ = try RolloutsRequest(["prompts": ["a"]]) } == ["$.model"])
        #expect(
            paths { _ = try RolloutsRequest(["model": "m", "run": "r", "prompts": ["a"]]) }
                == ["$.model"]
        )
        #expect(
            paths {
                _ = try RolloutsRequest(["model": "m", "prompts": [], "stream": true, "N": 1])
            } == ["$.prompts", "$.N", "$.stream"]
        )
        #expect(
            paths {
                _ = try RolloutsRequest(["model": "m", "prompts": [[-1], [["role": "x"]], 1]])
            }
                == ["$.prompts[0][0]", "$.prompts[1][0].content", "$.prompts[2]"]
        )
    }

    @Test func `reward items are texts or rollouts`() throws {
        let request = try RewardsRequest([
            "reward": ["name": "length", "target": 3],
            "items": [["prompt": "a", "completion": "b"], ["rollout_id": 7]],
        ])
        #expect(request.items == [.text(prompt: "a", completion: "b", item: [:]), .rollout(7)])
        #expect(request.reward["target"] == 3)
        #expect(
            paths { _ = try RewardsRequest(["reward": ["nam": "x"], "items": [["prompt": "a"]]]) }
                == ["$.reward.name", "$.items[0]"]
        )
    }

    @Test func `an update's pairs become sequences`() throws {
        let request = try UpdatesRequest([
            "run": "r",
            "batch": [
                "pairs": [
                    ["prompt": "p", "chosen": "good", "rejected": "bad"],
                    ["chosen": 4, "rejected": ["rollout_id": 5, "reward": -1]],
                    [
                        "prompt": [1], "margin": 2,
                        "chosen": ["tokens": [2], "reference_logprobs": [-0.5]],
                        "rejected": ["tokens": [3]],
                    ],
                ]
            ],
        ])
        #expect(request.pairs.map(\.chosen) == [0, 2, 4])
        #expect(request.sequences[0].source == .text(prompt: .text("p"), completion: "good"))
        #expect(request.sequences[2].source == .rollout(4))
        #expect(request.sequences[3].scalars == ["reward": -1])
        #expect(request.sequences[4].source == .tokens(prompt: [1], completion: [2]))
        #expect(request.sequences[4].tokens == ["reference_logprobs": [-0.5]])
        #expect(request.pairs[2].margin == 2)
    }

    @Test func `an update's pairs take numbers, weights and a third completion`() throws {
        let request = try UpdatesRequest([
            "run": "r",
            "batch": [
                "pairs": [
                    [
                        "prompt": "p", "chosen": "a", "rejected": ["completion": "b", "weight": 2],
                        "gold": "c", "margin": 1, "preference_probability": 0.75, "weight": 3,
                        "chosen_reward": 4, "rejected_win_rate": 0.25,
                    ],
                    ["chosen": 4, "rejected": 5, "exploration": 6],
                ]
            ],
        ])
        #expect(request.pairs.map(\.third) == [2, 5])
        #expect(request.pairs.map(\.thirdName) == ["gold", "exploration"])
        #expect(request.sequences[2].source == .text(prompt: .text("p"), completion: "c"))
        #expect(request.sequences[0].scalars == ["reward": 4])
        #expect(request.sequences[1].scalars == ["win_rate": 0.25])
        #expect(request.sequences[1].weight == 2)
        #expect(request.pairs[0].margin == 1 && request.pairs[0].preferenceProbability == 0.75)
        #expect(request.pairs[0].weight == 3 && request.pairs[1].weight == 1)
    }

    @Test func `an update's groups keep their places and rewards`() throws {
        let group: Value = ["prompt": "p", "completions": ["a", "b"], "rewards": [1, .null]]
        let request = try UpdatesRequest(["run": "r", "batch": ["groups": [group, group]]])
        #expect(request.groups == [0..<2, 2..<4])
        #expect(request.sequences.map { $0.scalars["reward"] } == [1, nil, 1, nil])
    }

    @Test func `an update's sequences take every side field`() throws {
        var fields: [String: Value] = ["prompt": [1], "tokens": [2, 3], "label": true]
        for (name, _) in SideFields.tokens { fields[name] = [0.5, 1] }
        for (name, _) in SideFields.scalars { fields[name] = 0.25 }
        let request = try UpdatesRequest([
            "run": "r", "batch": ["sequences": [.object(fields)]],
        ])
        let sequence = try #require(request.sequences.first)
        #expect(Set(sequence.tokens.keys) == Set(SideFields.tokens.map(\.name)))
        #expect(sequence.tokens.values.allSatisfy { $0 == [0.5, 1] })
        #expect(Set(sequence.scalars.keys) == Set(SideFields.scalars.map(\.name)))
        #expect(sequence.label == true)
    }

    @Test func `what an update cannot have is named`() {
        func faults(_ batch: Value) -> [String] {
            paths { _ = try UpdatesRequest(["run": "r", "batch": batch]) }
        }
        let pair: [String: Value] = ["prompt": "p", "chosen": "a", "rejected": "b"]
        func pairs(_ fields: [String: Value]) -> [String] {
            faults(["pairs": [.object(pair.merging(fields) { $1 })]])
        }
        #expect(pairs(["gold": "c", "exploration": "d"]) == ["$.batch.pairs[0]"])
        #expect(
            pairs(["preference_probability": 2]) == ["$.batch.pairs[0].preference_probability"]
        )
        #expect(pairs(["chosen_values": 2]) == ["$.batch.pairs[0].chosen_values"])
        #expect(
            faults(["groups": [["prompt": "p", "completions": ["a"], "rewards": [1, 2]]]])
                == ["$.batch.groups[0].rewards"]
        )
        #expect(
            faults(["sequences": [["prompt": "p", "completion": "a", "mask": [-1]]]])
                == ["$.batch.sequences[0].mask[0]"]
        )
        // What the model itself gives cannot be sent.
        #expect(
            faults(["sequences": [["prompt": "p", "completion": "a", "entropies": [1]]]])
                == ["$.batch.sequences[0].entropies"]
        )
    }

    @Test func `an update's batch has exactly one shape`() {
        #expect(paths { _ = try UpdatesRequest(["run": "r", "batch": [:]]) } == ["$.batch"])
        let mixed: Value = [
            "run": "r",
            "batch": ["pairs": [["prompt": "p", "chosen": ["tokens": [1]], "rejected": "b"]]],
        ]
        #expect(paths { _ = try UpdatesRequest(mixed) } == ["$.batch.pairs[0].chosen"])
        let bare: Value = ["run": "r", "batch": ["sequences": [["completion": "x"]]]]
        #expect(paths { _ = try UpdatesRequest(bare) } == ["$.batch.sequences[0]"])
    }

    @Test func `a fork merges nested fields and replaces entries of another name`() throws {
        var spec = try RunSpecReader.read(RunSpecReaderTests.online)
        spec.objective = NamedParameters(name: "dpo", parameters: ["beta": 0.3])
        let fork = try ForkRequest([
            "iteration": 2,
            "changes": [
                "name": "b", "optimizer": ["learning_rate": 1e-6], "objective": ["name": "ipo"],
                "stop": .null,
            ],
        ])
        let changed = try RunSpecReader.read(fork.changed(spec))
        #expect(changed.name == "b")
        #expect(changed.publishAs == "b")
        #expect(changed.optimizer.learningRate == 1e-6)
        #expect(changed.optimizer.beta2 == spec.optimizer.beta2)
        #expect(changed.objective == NamedParameters(name: "ipo"))
        #expect(changed.prompts == spec.prompts)
    }
}
