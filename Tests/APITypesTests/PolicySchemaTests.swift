import APITypes
import Domain
import Foundation
import Testing

/// The fields about references, opponents, values and stops.
@Suite struct PolicySchemaTests {
    private static func spec(_ changes: [String: Value]) -> Value {
        let fields = RunSpecReaderTests.online.objectValue ?? [:]
        return .object(fields.merging(changes) { $1 })
    }

    private func faults(_ changes: [String: Value]) -> [String] {
        do throws(Faults) {
            _ = try RunSpecReader.read(Self.spec(changes))
            return []
        } catch {
            return error.list.map(\.path)
        }
    }

    @Test(
        arguments: [
            "initial", "previous_iteration", "none", ["ema": 0.99], ["soup": ["a", "b"]],
            ["soup": ["a", "b"], "weights": [0.0, 2.0]],
        ] as [Value]
    )
    func `a reference is read, written and stored`(written: Value) throws {
        let spec = try RunSpecReader.read(Self.spec(["reference": written]))
        #expect(RunSpecWriter.value(spec)["reference"] == written)
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        let stored = try JSONEncoder().encode(spec)
        #expect(try JSONDecoder().decode(RunSpec.self, from: stored) == spec)
    }

    @Test func `shares of a soup sum to 1`() {
        let weighed = ReferenceRule.soup(models: ["a", "b"], weights: [1, 3])
        #expect(weighed.soupParts.map(\.share) == [0.25, 0.75])
        let equal = ReferenceRule.soup(models: ["a", "b"], weights: [])
        #expect(equal.soupParts.map(\.share) == [0.5, 0.5])
        #expect(ReferenceRule.initial.soupParts.isEmpty)
    }

    @Test func `what a reference cannot be is named`() {
        #expect(faults(["reference": "nobody"]) == ["$.reference"])
        #expect(faults(["reference": [:]]) == ["$.reference"])
        #expect(faults(["reference": ["ema": 0.9, "soup": ["a", "b"]]]) == ["$.reference"])
        #expect(faults(["reference": ["ema": 1]]) == ["$.reference.ema"])
        let uneven: Value = ["soup": ["a", "b"], "weights": [1, 2, 3]]
        #expect(faults(["reference": uneven]) == ["$.reference.weights"])
        let empty: Value = ["soup": ["a", "b"], "weights": [0, 0]]
        #expect(faults(["reference": empty]) == ["$.reference.weights"])
        #expect(faults(["reference": ["ema": 0.5, "weights": [1, 2]]]) == ["$.reference.weights"])
    }

    @Test func `opponents, value models and stop rules are read, written and stored`() throws {
        let written: [String: Value] = [
            "opponent": ["mixture": 0.125, "count": 2],
            "value_model": [
                "name": "separate", "model": "judge", "warmup_iterations": 2,
                "learning_rate": 1e-5,
            ],
            "stop": [
                "max_kl": 9.0, "max_minutes": 60.0, "max_length": 100.0, "min_entropy": 0.1,
                "max_gold_drop": 0.5,
            ],
        ]
        let spec = try RunSpecReader.read(Self.spec(written))
        #expect(spec.opponent == OpponentSpec(mixture: 0.125, count: 2))
        #expect(spec.stop.maxLength == 100 && spec.stop.maxGoldDrop == 0.5)
        let again = RunSpecWriter.value(spec)
        for (name, value) in written { #expect(again[name] == value, "\(name)") }
        #expect(try RunSpecReader.read(again) == spec)
        let stored = try JSONEncoder().encode(spec)
        #expect(try JSONDecoder().decode(RunSpec.self, from: stored) == spec)
    }

    @Test func `an opponent is an online run's, and lets its groups be of one`() {
        #expect(faults(["opponent": ["mixture": 2]]) == ["$.opponent.mixture"])
        #expect(faults(["opponent": ["mixture": 1], "sampling": ["group_size": 1]]).isEmpty)
        #expect(faults(["sampling": ["group_size": 1]]) == ["$.sampling.group_size"])
    }
}
