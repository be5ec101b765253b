import Domain
import Foundation
import Objectives
import Store
import Testing

@testable import Scheduling

struct ValidationTests {
    private func paths(_ report: ValidationReport) -> [String] { report.faults.map(\.path) }

    @Test func `a good spec says what it would take`() async throws {
        let bench = try await Bench()
        let report = try await bench.plane().validate(bench.online())
        #expect(report.faults.isEmpty)
        #expect(report.memoryBytes == 2 << 20)
        #expect(report.diskBytes == 4 << 10)
        #expect((report.seconds ?? 0) > 0)
    }

    @Test func `all faults are listed at once with their paths`() async throws {
        let bench = try await Bench()
        var spec = bench.online("Not A Name")
        spec.model = "tinny"
        spec.objective = NamedParameters(name: "dpq", parameters: ["beta": 0.1])
        spec.reward = ["name": "model", "model": "jugde"]
        spec.groupSize = 1
        spec.prompts = .file("/nowhere/prompts.jsonl")
        spec.minibatchSize = 0
        let plane = try await bench.plane()
        let report = try await plane.validate(spec)
        #expect(
            Set(paths(report)) == [
                "$.name", "$.publish_as", "$.model", "$.objective.name", "$.reward",
                "$.sampling.group_size", "$.prompts", "$.minibatch_size",
            ]
        )
        let words = report.faults.map(\.message).joined(separator: "\n")
        for hint in ["\"tiny\"", "\"dpo\"", "\"judge\"", "does not exist"] {
            #expect(words.contains(hint), "\(words)")
        }
        #expect(try await plane.submit(spec) == .refused(report))
        #expect(try await plane.runs().items.isEmpty)
    }

    @Test func `a malformed line is named`() async throws {
        let bench = try await Bench()
        var spec = bench.online()
        spec.prompts = .file(
            try bench.file("prompts.jsonl", [#"{"prompt":"a"}"#, "", #"{"prompt":"#])
        )
        let report = try await bench.plane().validate(spec)
        #expect(paths(report) == ["$.prompts"])
        #expect(report.faults.first?.message.contains("prompts.jsonl:3") == true)
    }

    @Test func `an empty file is told from a missing one`() async throws {
        let bench = try await Bench()
        var spec = bench.online()
        spec.prompts = .file(try bench.file("empty.jsonl", [""]))
        let report = try await bench.plane().validate(spec)
        #expect(report.faults.first?.message.contains("is empty") == true)
    }

    @Test func `an objective that cannot learn from the run's data is refused`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        var spec = bench.online()
        spec.objective = NamedParameters(name: "sft")
        #expect(paths(try await plane.validate(spec)) == ["$.objective.name"])
        spec.objective = NamedParameters(name: "bradley_terry")
        #expect(paths(try await plane.validate(spec)) == ["$.objective.name"])
    }

    @Test func `imitation is taken online where filters leave only the best`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        var spec = bench.groups()
        spec.objective = NamedParameters(name: "sft")
        for (name, isEnough) in [("rank", true), ("pf_ppo", true), ("truncated", false)] {
            spec.stages = StageSpec()
            spec.stages?.filters = [NamedParameters(name: name)]
            let paths = paths(try await plane.validate(spec))
            #expect(paths == (isEnough ? [] : ["$.objective.name"]), "\(name)")
        }
    }

    @Test func `what group objectives cannot have is refused by its field`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        func faults(_ change: (inout RunSpec) -> Void) async throws -> [String] {
            var spec = bench.groups()
            change(&spec)
            return try await plane.validate(spec).faults.map { "\($0.path) \($0.message)" }
        }
        #expect(try await faults { _ in }.isEmpty)
        let cases: [(String, @Sendable (inout RunSpec) -> Void)] = [
            ("$.teachers is not used by grpo", { $0.teachers = ["tiny"] }),
            (
                "$.objective.name sft does not learn from pairs, rewards or advantages",
                { $0.objective.name = "sft" }
            ),
            (
                "$.objective.name modpo needs margin_reward, which online runs do not have: write",
                { $0.objective.name = "modpo" }
            ),
            (
                "$.sampling.group_size must be at least 3 for xpo",
                {
                    $0.objective.name = "xpo"
                    $0.groupSize = 2
                }
            ),
            ("$.advantage.name gae needs a value head", { $0.advantage = .init(name: "gae") }),
            ("$.advantage.name \"gea\" is not a known", { $0.advantage = .init(name: "gea") }),
            (
                "$.advantage is not used by dpo",
                {
                    $0.objective.name = "dpo"
                    $0.advantage = .init(name: "group_mean")
                }
            ),
            (
                "$.reference must be initial when max_staleness",
                {
                    $0.reference = .previousIteration
                    $0.maxStaleness = 1
                }
            ),
        ]
        for (beginning, change) in cases {
            let found = try await faults(change)
            #expect(found.count == 1 && found[0].hasPrefix(beginning), "\(found)")
        }
    }

    /// A record that says everything, in the structure of the objective.
    private func record(_ kind: DataRequirements.Kind) -> Value {
        let said: [String: Value] = [
            "reward": 1, "win_rate": 0.5, "value": 0.5, "margin_reward": 1, "label": true,
        ]
        switch kind {
        case .pairs:
            var fields: [String: Value] = [
                "prompt": "p", "chosen": "a", "rejected": "b", "exploration": "c", "gold": "d",
            ]
            for (name, number) in said {
                fields["chosen_\(name)"] = number
                fields["rejected_\(name)"] = number
            }
            return .object(fields)
        case .groups:
            let completion = Value.object(said.merging(["completion": "c"]) { $1 })
            return ["prompt": "p", "completions": [completion, completion]]
        case .sequences:
            return .object(said.merging(["prompt": "p", "completion": "c"]) { $1 })
        }
    }

    @Test func `every objective runs offline and online, but for what only data can say`()
        async throws
    {
        let bench = try await Bench()
        let plane = try await bench.plane()
        for type in ObjectiveCatalogue.all where !type.requirements.trainsScores {
            let made = try ObjectiveCatalogue.make(
                name: type.name,
                parameters: [:],
                path: "$.objective"
            )
            let needs = made.requirements
            var spec = bench.groups()
            spec.objective = NamedParameters(name: type.name)
            spec.teachers = [String](repeating: "tiny", count: needs.teacherCount)
            let online = try await plane.validate(spec).faults
            let isData = needs.fields.contains(.marginReward) || needs.fields.contains(.gold)
            let isRefused = isData || !FieldSupply.hasSignal(needs)
            #expect(online.isEmpty != isRefused, "\(type.name) \(online)")
            #expect(online.allSatisfy { $0.path == "$.objective.name" }, "\(type.name)")
            spec.kind = .offline
            (spec.prompts, spec.reward, spec.evaluation) = (nil, nil, nil)
            spec.data = .items([record(needs.kind)])
            let offline = try await plane.validate(spec).faults
            // The estimates of a value head at the start say nothing yet.
            let isClipped = needs.fields.contains(.oldValues)
            #expect(offline.isEmpty != isClipped, "\(type.name) \(offline)")
        }
    }

    @Test(arguments: [RewardKind.preference, .pair])
    func `a model that compares is asked as such`(_ kind: RewardKind) async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let judge = try await plane.model("judge")
        var record = judge
        (record.name, record.rewardKind) = ("taste", kind)
        try await plane.store.insertModel(record)
        var spec = bench.online()
        spec.reward = ["name": "model", "model": "taste"]
        let faults = try await plane.validate(spec).faults
        #expect(faults.map(\.path) == ["$.reward"])
        let mend = #"{"name": "preference_model", "model": "taste"}"#
        #expect(faults.first?.message.contains(mend) == true)
        await #expect {
            _ = try await plane.score(
                reward: spec.reward ?? .null,
                items: [.init(prompt: "p", completion: "a")]
            )
        } throws: { error in
            (error as? HoneError)?.message.contains(mend) == true
        }
        spec.evaluation?.groupSize = 2
        spec.reward = ["name": "preference_model", "model": "taste"]
        #expect(try await plane.validate(spec).faults.isEmpty)
        spec.reward = ["name": "preference_model", "model": "judge"]
        let other = try await plane.validate(spec).faults
        #expect(other.first?.message.contains(#"{"name": "model", "model": "judge"}"#) == true)
    }

    @Test func `what an offline run cannot have is refused with the mend`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        func faults(_ change: (inout RunSpec) -> Void) async throws -> [String] {
            var spec = bench.groups()
            spec.kind = .offline
            spec.prompts = nil
            spec.reward = nil
            spec.data = .items([["prompt": "p", "completion": "c", "reward": 1]])
            change(&spec)
            return try await plane.validate(spec).faults.map { "\($0.path) \($0.message)" }
        }
        #expect(try await faults { _ in }.isEmpty)
        let cases: [(String, @Sendable (inout RunSpec) -> Void)] = [
            (
                "$.objective.name ppo needs old_values, which offline runs do not have: send",
                {
                    let parameters: Value = ["value_coefficient": 0.1, "value_clip_range": 0.2]
                    $0.objective = .init(name: "ppo", parameters: parameters)
                }
            ),
            (
                "$.advantage.name gae needs a value head's estimates, which offline runs do not",
                {
                    $0.objective = .init(name: "ppo", parameters: ["value_coefficient": 0.1])
                    $0.advantage = .init(name: "gae")
                }
            ),
            ("$.objective.name bradley_terry trains", { $0.objective.name = "bradley_terry" }),
            (
                "$.data $.data.items[0]: has no \"completions\"",
                { $0.objective.name = "lipo_lambda" }
            ),
            (
                "$.data $.data.items[0]: has no \"label\", which kto needs: add",
                { $0.objective.name = "kto" }
            ),
        ]
        for (beginning, change) in cases {
            let found = try await faults(change)
            let matches = found.count { $0.hasPrefix(beginning) }
            #expect(matches == 1, "\(found)")
        }
    }

    @Test func `a reward model is no policy, and a policy no reward`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        var spec = bench.online()
        spec.model = "judge"
        spec.reward = ["name": "model", "model": "tiny"]
        #expect(Set(paths(try await plane.validate(spec))) == ["$.model", "$.reward"])
    }

    @Test func `a name for the result that is taken is refused before anything runs`() async throws
    {
        let bench = try await Bench()
        var spec = bench.online()
        spec.publishAs = "tiny"
        #expect(paths(try await bench.plane().validate(spec)) == ["$.publish_as"])
    }
}
