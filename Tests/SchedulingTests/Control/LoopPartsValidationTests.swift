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
        let plane = try await bench.plane()
        defer { Task { await plane.shutdown() } }
        return try await plane.validate(spec).faults
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
}
