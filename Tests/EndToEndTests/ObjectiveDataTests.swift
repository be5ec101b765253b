import Domain
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// Every kind of data that objectives learn from, by every way that leads there.
    @Suite struct ObjectiveDataTests {
        private static func losses(_ honed: Honed, _ run: String) async throws -> [Double] {
            try await honed.wait(run)
            return try await honed.get("/v1/runs/\(run)/metrics").data.compactMap {
                $0["metrics"]?["policy/loss"]?.doubleValue
            }
        }

        @Test func `labels, groups and rewards of a file are learned from`() async throws {
            try await Honed.with { honed in
                let texts = ["aaaa", "zzzz"]
                let labels: [Value] = (0..<8).map {
                    [
                        "prompt": .string("p\($0)"), "completion": .string(texts[$0 % 2]),
                        "label": .bool($0 % 2 == 0),
                    ]
                }
                let groups: [Value] = (0..<8).map {
                    [
                        "prompt": .string("p\($0)"), "completions": ["aaaa", "zzzz", "abab"],
                        "rewards": [2, 0, 1],
                    ]
                }
                let rewards: [Value] = (0..<8).map {
                    [
                        "prompt": .string("p\($0)"), "completion": .string(texts[$0 % 2]),
                        "reward": .integer($0 % 2),
                    ]
                }
                for (objective, items) in [
                    ("kto", labels), ("list_mle", groups), ("reinforce", rewards),
                ] {
                    let name = objective.replacing("_", with: "-")
                    try await honed.submit(
                        Specs.offline(name).with([
                            "objective": ["name": .string(objective)],
                            "data": ["items": .array(items)], "update_epochs": 8,
                        ])
                    )
                    let losses = try await Self.losses(honed, name)
                    try #require(losses.count == 2)
                    #expect(losses[1] < losses[0], "\(objective): \(losses)")
                }
            }
        }

        @Test func `a line without what the objective needs is refused before anything starts`()
            async throws
        {
            try await Honed.with { honed in
                let reply = try await honed.post(
                    "/v1/runs",
                    Specs.offline("bad").with(["objective": ["name": "rebel"]])
                )
                #expect(reply.status == 400 && reply.faultPaths == ["$.data"], "\(reply)")
                #expect(reply.text.contains("chosen_reward"), "\(reply)")
            }
        }

        @Test func `an online run explores with a third completion`() async throws {
            try await Honed.with { honed in
                try await honed.submit(
                    Specs.online("explore", iterations: 2).with(["objective": ["name": "xpo"]])
                )
                try await honed.wait("explore")
                let metrics = try await honed.get("/v1/runs/explore/metrics").data.last?["metrics"]
                #expect(
                    metrics?["policy/loss"]?.doubleValue != nil,
                    "\(String(describing: metrics))"
                )
                #expect((metrics?["parity/logprob_abs_diff_max"]?.doubleValue ?? 1) <= 1e-3)
            }
        }

        @Test func `a policy is moved towards a teacher and away from its contrast`() async throws {
            try await Honed.with { honed in
                let folder = try TemporaryFolder()
                try TinyModelFolder.write("tiny-llama-untied", to: folder.path + "/model")
                let imported = try await honed.post(
                    "/v1/models",
                    ["name": "other", "path": .string(folder.path + "/model")]
                )
                try #require(imported.status == 201, "\(imported)")
                let items: [Value] = (0..<4).map {
                    ["prompt": .string("p\($0)"), "completion": "abab"]
                }
                let spec = Specs.offline("distil").with([
                    "objective": ["name": "align_distil"], "data": ["items": .array(items)],
                    "update_epochs": 8,
                ])
                let refused = try await honed.post("/v1/runs", spec)
                #expect(refused.status == 400 && refused.faultPaths == ["$.teachers"])
                try await honed.submit(spec.with(["teachers": ["other", "tiny"]]))
                let losses = try await Self.losses(honed, "distil")
                try #require(losses.count == 2)
                #expect(losses[1] < losses[0], "\(losses)")
            }
        }

        @Test func `a value head learns beside the policy`() async throws {
            try await Honed.with { honed in
                let ppo: Value = [
                    "name": "ppo", "value_coefficient": 0.5, "value_clip_range": 0.2,
                ]
                try await honed.submit(
                    Specs.groups("critic", iterations: 2).with(["objective": ppo])
                )
                try await honed.wait("critic")
                let metrics = try await honed.get("/v1/runs/critic/metrics").data.last?["metrics"]
                #expect(metrics?["policy/loss"]?.doubleValue?.isFinite == true)
                try await honed.submit(
                    Specs.external("mine").with(["objective": ["name": "value_loss"]])
                )
                try await honed.wait("mine", "running")
                let sequence: Value = [
                    "prompt": [5, 6], "tokens": [7, 8], "returns": [1, 1], "old_values": [0, 0],
                ]
                let body: Value = ["run": "mine", "batch": ["sequences": [sequence]]]
                let first = try await honed.post("/v1/updates", body)
                let second = try await honed.post("/v1/updates", body)
                let losses = [first, second].compactMap {
                    $0["metrics"]?["policy/loss"]?.doubleValue
                }
                try #require(losses.count == 2, "\(first) \(second)")
                #expect(losses[1] < losses[0], "\(losses)")
            }
        }

        /// What a client may send: everything but what the model itself gives.
        private static func isSent(_ field: Value) -> Bool {
            let computed = ["values", "entropies", "reverse_kl", "forward_kl", "collisions"]
            return !computed.contains(field["name"]?.text ?? "")
        }

        /// A batch with all the fields that an objective declares, and those that it may need.
        private static func batch(_ data: Value) -> Value? {
            let fields = (data["fields"]?.arrayValue ?? []).filter(isSent)
            let names = fields.compactMap { $0["name"]?.text }
            // These need a reward model, or a run that opens a teacher.
            let others = ["score", "teacher_kl", "teacher_distances"]
            if !Set(names).isDisjoint(with: others) { return nil }
            func completion(_ text: String, _ rank: Int) -> Value {
                let tokens = text.utf8.map { Value.integer(Int($0) - 0x21 + 3) }
                var body: [String: Value] = ["tokens": .array(tokens)]
                for field in fields {
                    guard let name = field["name"]?.text else { continue }
                    switch field["per"]?.text {
                    case "token":
                        let number = name == "advantages" ? Double(rank) - 0.5 : -4.5
                        body[name] = .array(tokens.map { _ in .number(number) })
                    case "sequence" where name == "label": body[name] = .bool(rank > 0)
                    case "sequence": body[name] = .number(0.25 + 0.5 * Double(rank))
                    default: break
                    }
                }
                return .object(body)
            }
            let (good, bad) = (completion("abc", 1), completion("xyz", 0))
            switch data["kind"]?.text {
            case "pairs":
                var pair: [String: Value] = ["prompt": [5, 6], "chosen": good, "rejected": bad]
                for name in ["exploration", "gold"] where names.contains(name) {
                    pair[name] = completion("def", 0)
                }
                if names.contains("margin") { pair["margin"] = 0.5 }
                if names.contains("preference_probability") {
                    pair["preference_probability"] = 0.75
                }
                return ["pairs": [.object(pair), .object(pair)]]
            case "groups":
                let group: Value = ["prompt": [5, 6], "completions": [good, bad]]
                // Two groups of one prompt, each compared within itself.
                return ["groups": [group, group]]
            default:
                let sequences = [good, bad].map { $0.with(["prompt": [5, 6]]) }
                return ["sequences": .array(sequences)]
            }
        }

        @Test func `every objective learns from what a client sends`() async throws {
            try await Honed.with { honed in
                let entries = try await honed.get("/v1/objectives").data
                // Its own objective gives the run a value head.
                try await honed.submit(
                    Specs.external("mine").with(["objective": ["name": "value_loss"]])
                )
                try await honed.wait("mine", "running")
                var learned = 0
                for entry in entries where entry["object"] == "objective" {
                    guard let data = entry["data"], let name = entry["name"],
                        let batch = Self.batch(data)
                    else { continue }
                    let reply = try await honed.post(
                        "/v1/updates",
                        ["run": "mine", "objective": ["name": name], "batch": batch]
                    )
                    #expect(reply.status == 200, "\(name): \(reply)")
                    let loss = reply["metrics"]?["policy/loss"]?.doubleValue
                    #expect(loss?.isFinite == true, "\(name): \(reply)")
                    learned += 1
                }
                #expect(learned >= 45)
            }
        }

        @Test func `what a client's batch lacks is named`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.external("mine"))
                try await honed.wait("mine", "running")
                let pair: Value = ["prompt": "ab", "chosen": "aaa", "rejected": "zzz"]
                func refusal(_ objective: String, _ batch: Value) async throws -> Reply {
                    try await honed.post(
                        "/v1/updates",
                        [
                            "run": "mine", "objective": ["name": .string(objective)],
                            "batch": batch,
                        ]
                    )
                }
                let cases: [(String, Value, String)] = [
                    ("xpo", ["pairs": [pair]], "exploration"),
                    ("rebel", ["pairs": [pair]], "old_logprobs"),
                    (
                        "kto", ["sequences": [["prompt": "ab", "completion": "aaa"]]], "label"
                    ),
                ]
                for (objective, batch, word) in cases {
                    let reply = try await refusal(objective, batch)
                    #expect(reply.status >= 400 && reply.status < 500, "\(reply)")
                    #expect(reply.message.contains(word), "\(reply)")
                }
                // Pairs serve objectives on labels: the chosen is good, the rejected is not.
                let reply = try await refusal("kto", ["pairs": [pair]])
                #expect(reply.status == 200 && reply["policy_version"] == 1, "\(reply)")
            }
        }
    }
}
