import APITypes
import Domain
import Foundation
import Testing

/// The fields of a spec that are parts of a loop: read, written, and absent in stored specs of old.
@Suite struct LoopPartsSchemaTests {
    private func value(_ changes: [String: Value]) -> Value {
        .object(RunSpecReaderTests.online.objectValue?.merging(changes) { $1 } ?? [:])
    }

    private func faults(_ changes: [String: Value]) -> [String] {
        do throws(Faults) {
            _ = try RunSpecReader.read(value(changes))
            return []
        } catch {
            return error.list.map(\.path)
        }
    }

    /// A stored spec as it was before some of its fields.
    private func stored(
        _ spec: RunSpec,
        _ change: (inout [String: Value]) -> Void
    ) throws -> RunSpec {
        let all = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(spec))
        var fields = try #require(all.objectValue)
        change(&fields)
        let text = try JSONEncoder().encode(Value.object(fields))
        return try JSONDecoder().decode(RunSpec.self, from: text)
    }

    @Test func `a pairing has its rule's parameters beside its name`() throws {
        let written: Value = [
            "rule": "threshold", "minimum_margin": 0.5, "ties": "random", "most_pairs": 4,
        ]
        let spec = try RunSpecReader.read(value(["pairing": written]))
        #expect(spec.pairing.rule.name == "threshold")
        #expect(spec.pairing.rule.parameters == ["minimum_margin": 0.5])
        #expect(spec.pairing.ties == .random && spec.pairing.mostPairs == 4)
        #expect(RunSpecWriter.value(spec)["pairing"] == written)
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        #expect(faults(["pairing": ["ties": "keep"]]) == ["$.pairing.ties"])
        #expect(faults(["pairing": ["most_pairs": 0]]) == ["$.pairing.most_pairs"])
    }

    @Test func `a spec stored with a pairing's name alone has that rule`() throws {
        let spec = try RunSpecReader.read(RunSpecReaderTests.online)
        let old = try stored(spec) { $0["pairing"] = "best_worst" }
        #expect(old == spec)
        var other = spec
        other.pairing = PairingSpec(rule: NamedParameters(name: "all"), ties: .random, mostPairs: 2)
        #expect(try stored(other) { _ in } == other)
    }

    @Test func `temperatures stand in place of a temperature, and a group is dealt to them`() throws
    {
        let sampling: Value = ["temperatures": [1, 0.7], "group_size": 8]
        let spec = try RunSpecReader.read(value(["sampling": sampling]))
        #expect(spec.sampling.temperatures == [1, 0.7] && spec.sampling.temperature == 1)
        let drawn = (0..<8).map { spec.sampling.temperature(ofSample: $0, among: 8) }
        #expect(drawn == [1, 1, 1, 1, 0.7, 0.7, 0.7, 0.7])
        #expect(spec.sampling.atOneTemperature.temperature(ofSample: 7, among: 8) == 1)
        let written = RunSpecWriter.value(spec)
        #expect(written["sampling"]?["temperatures"] == [.number(1), 0.7])
        #expect(written["sampling"]?["temperature"] == nil)
        #expect(try RunSpecReader.read(written) == spec)
        #expect(try stored(spec) { _ in } == spec)
        let plain = try RunSpecReader.read(RunSpecReaderTests.online)
        #expect(plain.sampling.temperatures == nil)
        #expect(RunSpecWriter.value(plain)["sampling"]?["temperatures"] == nil)
    }

    @Test func `temperatures that a group cannot be dealt to, or that are two ways, are faults`() {
        let path = "$.sampling.temperatures"
        func sampling(_ fields: [String: Value]) -> [String] {
            faults(["sampling": .object(fields)])
        }
        #expect(sampling(["temperatures": [1, 0.7], "group_size": 7]) == [path])
        // A group has 8 unless said.
        #expect(sampling(["temperatures": [1, 0.7, 0.5]]) == [path])
        #expect(sampling(["temperatures": [1, 0.7], "temperature": 1]) == [path])
        #expect(sampling(["temperatures": [1, 0.7], "temperature": .null]).isEmpty)
        #expect(sampling(["temperatures": []]) == [path])
        #expect(sampling(["temperatures": [1, -1]]) == [path + "[1]"])
        let offline: Value = [
            "name": "o", "kind": "offline", "model": "m", "data": ["items": [["prompt": "p"]]],
            "sampling": ["temperatures": [1, 0.7]],
        ]
        #expect(throws: Faults.self) { try RunSpecReader.read(offline) }
    }

    @Test func `an evaluation has prompts, or pairs, or both`() throws {
        let pairs: Value = ["file": "pairs.jsonl"]
        let spec = try RunSpecReader.read(value(["evaluation": ["pairs": pairs, "every": 2]]))
        #expect(spec.evaluation?.prompts == nil)
        #expect(spec.evaluation?.pairs == .file("pairs.jsonl") && spec.evaluation?.every == 2)
        #expect(RunSpecWriter.value(spec)["evaluation"]?["prompts"] == nil)
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        #expect(try stored(spec) { _ in } == spec)
        #expect(faults(["evaluation": ["every": 2]]) == ["$.evaluation.prompts"])
        let reward: Value = ["name": "length", "target": 3]
        let scored: Value = ["pairs": pairs, "rewards": [reward]]
        #expect(faults(["evaluation": scored]) == ["$.evaluation.rewards"])
    }

    @Test func `a refill is a part of sampling`() throws {
        let sampling: Value = ["refill": ["rounds": 3, "oversampling": 1.5]]
        let spec = try RunSpecReader.read(value(["sampling": sampling]))
        #expect(spec.refill == RefillSpec(rounds: 3, oversampling: 1.5))
        #expect(spec.refill?.prompts(missing: 5) == 8)
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        #expect(try stored(spec) { $0["refill"] = nil }.refill == nil)
        #expect(faults(["sampling": ["refill": [:]]]) == ["$.sampling.refill.rounds"])
        let much: Value = ["refill": ["rounds": 1, "oversampling": 0.5]]
        #expect(faults(["sampling": much]) == ["$.sampling.refill.oversampling"])
    }

    @Test func `the other parts are read, written, and absent in specs of old`() throws {
        let parts: [String: Value] = [
            "mix": [
                "offline": ["data": ["file": "pairs.jsonl"], "share": 0.25],
                "replay": ["iterations": 4, "share": 0.25, "minimum_reward": 1],
                "successes": ["size": 4],
            ],
            "curriculum": ["order": "easy_first", "by": "level", "pairs": "hard_first"],
            "noise": ["flip": 0.1, "bradley_terry": true],
            "resets": ["share": 0.5],
        ]
        let spec = try RunSpecReader.read(value(parts))
        #expect(spec.mix?.offline == .init(data: .file("pairs.jsonl"), share: 0.25))
        #expect(spec.mix?.replay == .init(iterations: 4, share: 0.25, minimumReward: 1))
        #expect(spec.mix?.successes == .init(size: 4, minimumReward: 0.1))
        #expect(
            spec.curriculum == CurriculumSpec(order: .easyFirst, by: "level", pairs: .hardFirst)
        )
        #expect(spec.noise == NoiseSpec(flip: 0.1, bradleyTerry: 1))
        #expect(spec.resets == ResetSpec(share: 0.5))
        #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        let plain = try RunSpecReader.read(RunSpecReaderTests.online)
        let old = try stored(spec) { fields in for name in parts.keys { fields[name] = nil } }
        #expect(old == plain)
    }

    @Test func `a replay without a share learns from everything`() throws {
        for replay: Value in [[:], ["share": "all"]] {
            let spec = try RunSpecReader.read(value(["mix": ["replay": replay]]))
            #expect(spec.mix?.replay == .init())
            #expect(try RunSpecReader.read(RunSpecWriter.value(spec)) == spec)
        }
    }

    @Test func `a part that is wrong is refused by its path`() {
        let cases: [([String: Value], String)] = [
            (["mix": ["replay": ["share": 1]]], "$.mix.replay.share"),
            (["mix": ["replay": ["share": "some"]]], "$.mix.replay.share"),
            (["mix": ["offline": ["share": 0.5]]], "$.mix.offline.data"),
            (["mix": ["offline": ["data": [:], "share": 0.5]]], "$.mix.offline.data"),
            (["mix": ["ofline": [:]]], "$.mix.ofline"),
            (["curriculum": ["pairs": "sequential"]], "$.curriculum.pairs"),
            (["noise": ["bradley_terry": 0]], "$.noise.bradley_terry"),
            (["noise": ["flip": 2]], "$.noise.flip"),
            (["resets": [:]], "$.resets.share"),
        ]
        for (change, path) in cases { #expect(faults(change) == [path], "\(change)") }
    }
}
