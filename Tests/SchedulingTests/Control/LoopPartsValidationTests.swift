import Domain
import Testing

@testable import Scheduling

/// Parts of a loop where they make no sense, or whose data is not there.
struct LoopPartsValidationTests {
    private func faults(
        _ spec: (Bench) -> RunSpec = { $0.online() },
        _ set: (inout RunSpec) -> Void
    ) async throws -> [Fault] {
        let bench = try await Bench()
        var spec = spec(bench)
        set(&spec)
        return try await bench.faults(spec)
    }

    private func rule(_ name: String, _ parameters: Value = [:]) -> PairingSpec {
        PairingSpec(rule: NamedParameters(name: name, parameters: parameters))
    }

    @Test func `every pairing rule that needs nothing else is accepted`() async throws {
        let margin: Value = ["minimum_margin": 1]
        for (name, parameters) in [
            ("best_random", [:]), ("random", [:]), ("all", [:]), ("adjacent", [:]),
            ("best_second", [:]), ("first_two", [:]), ("threshold", margin),
            ("rejection_sampled", ["beta": 1]),
        ] as [(String, Value)] {
            let found = try await faults { $0.pairing = rule(name, parameters) }
            #expect(found.isEmpty, "\(name): \(found)")
        }
    }

    @Test func `a pairing that is wrong or not read is refused by its path`() async throws {
        let wrong = try await faults { $0.pairing = rule("threshold") }
        #expect(wrong.map(\.path) == ["$.pairing.minimum_margin"])
        let unknown = try await faults { $0.pairing = rule("best") }
        #expect(unknown.map(\.path) == ["$.pairing.rule"])
        let lone = try await faults { $0.pairing = rule("policy_opponent") }
        #expect(lone.map(\.path) == ["$.pairing.rule"])
        let unread = try await faults({ $0.groups() }) { $0.pairing = rule("all") }
        #expect(unread.map(\.path) == ["$.pairing"])
        #expect(unread.first?.message.contains("leave it out") == true)
    }

    @Test func `a refill that nothing calls for is refused with the mend`() async throws {
        let filter = [NamedParameters(name: "zero_variance")]
        let fine = try await faults({ $0.groups() }) {
            $0.refill = RefillSpec(rounds: 2)
            $0.stages = StageSpec()
            $0.stages?.filters = filter
        }
        #expect(fine.isEmpty, "\(fine)")
        #expect(try await faults { $0.refill = RefillSpec(rounds: 2) }.isEmpty)
        let bare = try await faults({ $0.groups() }) { $0.refill = RefillSpec(rounds: 2) }
        #expect(bare.map(\.path) == ["$.sampling.refill"])
        #expect(bare.first?.message.contains("zero_variance") == true)
        let late = try await faults({ $0.overlapping(1) }) {
            $0.refill = RefillSpec(rounds: 2)
            $0.stages = StageSpec()
            $0.stages?.filters = filter
        }
        #expect(late.map(\.path) == ["$.sampling.refill"])
        #expect(late.first?.message.contains("max_staleness") == true)
    }

    private let file = DataSource.items([
        ["prompt": "p", "chosen": "a", "rejected": "b"],
        ["prompt": "q", "chosen": "c", "rejected": "d", "margin": 1],
    ])

    @Test func `parts that have what they work on are accepted`() async throws {
        let found = try await faults {
            $0.prompts = .items([["prompt": "a", "completion": "bcd", "level": 1]])
            $0.minibatchSize = 8
            $0.mix = MixSpec()
            $0.mix?.offline = .init(data: file, share: 0.25)
            $0.mix?.replay = .init(iterations: 2, share: 0.25)
            $0.curriculum = CurriculumSpec(order: .easyFirst, by: "level", pairs: .easyFirst)
            $0.noise = NoiseSpec(flip: 0.1, bradleyTerry: 1)
            $0.resets = ResetSpec(share: 0.5)
        }
        #expect(found.isEmpty, "\(found)")
        let groups = try await faults({ $0.overlapping(1) }) {
            $0.mix = MixSpec()
            $0.mix?.successes = .init()
            $0.curriculum = CurriculumSpec(order: .hardFirst)
        }
        #expect(groups.isEmpty, "\(groups)")
    }

    /// The paths of the faults of an online run on pairs, and a word of the mend.
    @Test func `parts without what they work on are refused by their path`() async throws {
        let cases: [(String, String, (inout RunSpec) -> Void)] = [
            (
                "$.mix", "minibatch_size",
                { $0.mix = self.mix { $0.replay = .init(share: 0.9) } }
            ),
            (
                "$.mix.offline", "initial",
                {
                    $0.mix = self.mix { $0.offline = .init(data: self.file, share: 0.5) }
                    $0.reference = .previousIteration
                }
            ),
            (
                "$.mix.replay", "initial",
                {
                    $0.mix = self.mix { $0.replay = .init() }
                    $0.reference = .previousIteration
                }
            ),
            (
                "$.mix.replay", "initial",
                {
                    $0.mix = self.mix { $0.replay = .init() }
                    $0.reference = .average(decay: 0.9)
                }
            ),
            (
                "$.mix.offline.data", "chosen",
                {
                    $0.mix = self.mix {
                        $0.offline = .init(data: .items([["prompt": "a"]]), share: 0.5)
                    }
                }
            ),
            (
                "$.mix.successes", "replay",
                { $0.mix = self.mix { $0.successes = .init() } }
            ),
            (
                "$.prompts", "level",
                { $0.curriculum = CurriculumSpec(order: .easyFirst, by: "level") }
            ),
            (
                "$.curriculum.by", "leave it out",
                { $0.curriculum = CurriculumSpec(by: "level") }
            ),
            ("$.prompts", "completion", { $0.resets = ResetSpec(share: 1) }),
        ]
        for (path, mend, change) in cases {
            let found = try await faults { change(&$0) }
            #expect(found.map(\.path) == [path], "\(found)")
            #expect(found.first?.message.contains(mend) == true, "\(found)")
        }
    }

    private func mix(_ set: (inout MixSpec) -> Void) -> MixSpec {
        var mix = MixSpec()
        set(&mix)
        return mix
    }

    @Test func `parts that an objective on groups does not read are refused`() async throws {
        let found = try await faults({ $0.groups() }) {
            $0.noise = NoiseSpec(flip: 0.1)
            $0.curriculum = CurriculumSpec(pairs: .easyFirst)
        }
        #expect(Set(found.map(\.path)) == ["$.noise", "$.curriculum.pairs"])
        let values = try await faults({ $0.groups() }) {
            $0.objective = NamedParameters(name: "ppo", parameters: ["value_coefficient": 0.5])
            $0.mix = self.mix { $0.offline = .init(data: self.file, share: 0.5) }
        }
        #expect(values.map(\.path) == ["$.mix.offline"], "\(values)")
        let bare = try await faults({ $0.groups() }) {
            $0.objective = NamedParameters(name: "dr_grpo")
            $0.reference = .absent
            $0.mix = self.mix { $0.offline = .init(data: self.file, share: 0.5) }
        }
        #expect(bare.map(\.path) == ["$.mix.offline"], "\(bare)")
        let late = try await faults({ $0.overlapping(1) }) {
            $0.prompts = .items([["prompt": "a", "completion": "bcd"]])
            $0.resets = ResetSpec(share: 0.5)
        }
        #expect(late.map(\.path) == ["$.resets"])
        let both = try await faults({ $0.groups() }) {
            $0.mix = self.mix {
                $0.successes = .init()
                $0.replay = .init()
            }
        }
        #expect(both.map(\.path) == ["$.mix.successes"])
    }

    @Test func `a file's parts are those that order it and mistake its labels`() async throws {
        func offline(_ set: (inout RunSpec) -> Void) async throws -> [Fault] {
            try await faults({ bench in
                var spec = RunSpec(
                    name: "one",
                    kind: .offline,
                    model: "tiny",
                    objective: NamedParameters(name: "dpo")
                )
                spec.data = self.file
                return spec
            }) { set(&$0) }
        }
        #expect(try await offline { $0.noise = NoiseSpec(flip: 0.1) }.isEmpty)
        #expect(try await offline { $0.curriculum = CurriculumSpec(order: .easyFirst) }.isEmpty)
        let bare = try await offline { $0.noise = NoiseSpec(bradleyTerry: 1) }
        #expect(bare.map(\.path) == ["$.data"])
        #expect(bare.first?.message.contains("items[0]") == true)
        let order = try await offline { $0.curriculum = CurriculumSpec(pairs: .easyFirst) }
        #expect(order.map(\.path) == ["$.data"])
        let others = try await offline {
            $0.mix = MixSpec()
            $0.resets = ResetSpec(share: 1)
            $0.refill = RefillSpec(rounds: 1)
        }
        #expect(
            Set(others.map(\.path)) == ["$.mix", "$.resets", "$.sampling.refill"],
            "\(others)"
        )
    }
}
