import APITypes
import Domain
import Testing

@Suite struct StrategyRequestTests {
    private func request(_ changes: [String: Value]) throws(Faults) -> RolloutsRequest {
        let fields: [String: Value] = ["model": "tiny", "prompts": ["a"]]
        return try RolloutsRequest(.object(fields.merging(changes) { $1 }))
    }

    private func faults(_ changes: [String: Value]) -> [String] {
        do throws(Faults) {
            _ = try request(changes)
            return []
        } catch {
            return error.list.map(\.path)
        }
    }

    @Test func `strategies are read with their defaults`() throws {
        #expect(try request([:]).strategy == .sample)
        let reward: Value = ["name": "length"]
        let best = try request(["sampling": ["strategy": "best_of_n"], "reward": reward])
        #expect(best.strategy == .bestOf(candidates: 16) && best.reward == reward)
        let drawn: Value = ["strategy": "rejection", "candidates": 64, "beta": 0.1]
        #expect(
            try request(["sampling": drawn, "reward": reward]).strategy
                == .rejection(candidates: 64, beta: 0.1)
        )
        #expect(
            try request(["sampling": ["strategy": "beam", "length_penalty": 1]]).strategy
                == .beam(width: 5, lengthPenalty: 1)
        )
    }

    @Test func `what a strategy does not read is named`() {
        #expect(faults(["sampling": ["strategy": "best_of_n"]]) == ["$.reward"])
        #expect(faults(["reward": ["name": "length"]]) == ["$.reward"])
        #expect(faults(["sampling": ["width": 3]]) == ["$.sampling.width"])
        let many: Value = ["strategy": "beam", "width": 2]
        #expect(faults(["sampling": many, "n": 3]) == ["$.n"])
        let warm: Value = ["strategy": "beam", "temperature": 0.5]
        #expect(faults(["sampling": warm]) == ["$.sampling.strategy"])
    }
}
