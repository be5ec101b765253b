import Domain
import Store
import Testing

@testable import Scheduling

/// What is said of rewards for tokens before a run starts.
struct DenseValidationTests {
    private func faults(_ reward: Value, _ bench: Bench? = nil) async throws -> [Fault] {
        let bench = if let bench { bench } else { try await Bench() }
        let plane = try await bench.plane()
        let found = try await plane.validate(DenseRun.spec(bench, reward)).faults
        await plane.shutdown()
        return found
    }

    private static let implicit: Value = ["name": "implicit", "model": "tiny", "reference": "tiny"]

    @Test func `dense credit is told what would give it rewards for tokens`() async throws {
        #expect(try await faults(Self.implicit).isEmpty)
        let none = try await faults(["name": "length", "target": 2])
        #expect(none.map(\.path) == ["$.stages.credit"])
        #expect(none.first?.message.contains(#"{"name": "implicit""#) == true)
        let two = try await faults(["name": "max", "rewards": [Self.implicit, Self.implicit]])
        #expect(two.map(\.path) == ["$.stages.credit"])
        #expect(two.first?.message.contains("2 parts of $.reward") == true)
    }

    @Test func `models that are not there or cannot be compared are named`() async throws {
        for (reward, words) in [
            (["name": "implicit", "model": "tinny"], "did you mean \"tiny\"?"),
            (["name": "implicit", "model": "tiny", "reference": "tinny"], "\"tinny\""),
            (["name": "implicit", "model": "judge", "reference": "tiny"], "is a reward model"),
            (["name": "implicit", "model": "tiny"], "name it as the \"reference\""),
        ] as [(Value, String)] {
            let found = try await faults(reward)
            #expect(found.map(\.path) == ["$.reward"], "\(found)")
            #expect(found.first?.message.contains(words) == true, "\(found)")
        }
    }

    @Test func `other vocabularies are refused`() async throws {
        let bench = try await Bench()
        let store = try DataStore(folder: "\(bench.folder)/data")
        var other = try #require(try await store.model("tiny"))
        other.name = "other"
        other.configuration.vocabularySize = 65
        try await store.insertModel(other)
        let apart = try await faults(
            ["name": "implicit", "model": "other", "reference": "tiny"],
            bench
        )
        #expect(apart.map(\.path) == ["$.reward"])
        #expect(apart.first?.message.contains("its reference \"tiny\" one of 64") == true)
        let foreign = try await faults(
            ["name": "implicit", "model": "other", "reference": "other"],
            bench
        )
        #expect(foreign.map(\.path) == ["$.reward"])
        #expect(foreign.first?.message.contains("the policy's own tokens") == true)
    }
}
