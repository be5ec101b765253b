import Domain
import Foundation
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

/// Runs with a reward for each token.
enum DenseRun {
    /// An outcome of the text, and the log-ratios of `prm` to what it was trained from, which the
    /// outcome leaves out.
    static let reward: Value = [
        "name": "weighted_sum",
        "rewards": [
            ["reward": ["name": "regex", "pattern": "[0-4]", "count": "every"]],
            ["weight": 0, "reward": ["name": "implicit", "model": "prm", "beta": 0.1]],
        ],
    ]

    /// PRIME's advantages.
    static func spec(_ bench: Bench, _ reward: Value = reward) -> RunSpec {
        var spec = bench.groups("dense")
        spec.evaluation = nil
        spec.checkpointEvery = 1
        spec.reward = reward
        spec.advantage = NamedParameters(name: "return_to_go")
        var stages = StageSpec()
        stages.credit = NamedParameters(
            name: "dense",
            parameters: ["coefficient": 5, "baseline": "leave_one_out"]
        )
        spec.stages = stages
        return spec
    }

    /// A bench with a model `prm`, which a run has trained from `tiny`.
    static func bench() async throws -> Bench {
        let bench = try await Bench()
        var spec = Bench.offline(
            [
                ["prompt": "p", "completion": "good", "label": true],
                ["prompt": "q", "completion": "bad", "label": false],
            ],
            objective: "implicit_prm",
            name: "prm"
        )
        spec.minibatchSize = 2
        spec.iterations = 1
        try #require(try await bench.complete(spec).state == .succeeded)
        return bench
    }

    /// The rewards of a completion's tokens, from the pseudo models' own formula.
    static func tokenRewards(_ record: RolloutRecord, _ bench: Bench) throws -> [Float] {
        let own = try weights("prm", bench)
        let base = try weights("tiny", bench)
        let (prompt, tokens) = (record.rollout.promptTokens, record.rollout.completionTokens)
        return tokens.indices.map { place in
            let text = "\(prompt) \(tokens[...place])"
            func logprob(_ weights: UInt64) -> Double {
                Double(-Float(stir(weights, text) % 1000) / 1000)
            }
            return Float(0.1 * (logprob(own) - logprob(base)))
        }
    }

    private static func weights(_ model: String, _ bench: Bench) throws -> UInt64 {
        let path = "\(bench.folder)/data/models/\(model)/weights"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try #require(UInt64(text.prefix { $0 != " " }))
    }
}

struct DenseRunTests {
    @Test func `tokens are rewarded by the log-ratio of the models, against the group's others`()
        async throws
    {
        let bench = try await DenseRun.bench()
        let (run, updates) = try await bench.updates(DenseRun.spec(bench))
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let store = try DataStore(folder: "\(bench.folder)/data")
        let rollouts = try await store.rollouts(run: run.id, limit: .max).items
        #expect(rollouts.count == 2 * 3 * 6)
        for group in Dictionary(
            grouping: rollouts,
            by: { [$0.iteration, $0.promptIndex] }
        ).values {
            let tokens = try group.map { try DenseRun.tokenRewards($0, bench) }
            #expect(tokens.joined().contains { $0 != 0 })
            for (record, tokens) in zip(group, tokens) {
                let score = try #require(record.scores.first)
                #expect(score.tokenRewards == tokens)
                let sum = tokens.reduce(0.0) { $0 + Double($1) }
                #expect(score.components["prm"] == sum)
                let digits = record.rollout.text.filter { "01234".contains($0) }.count
                #expect(score.score == Double(digits))
            }
            let outcomes = group.compactMap(\.reward)
            let means = tokens.map { $0.reduce(0.0) { $0 + Double($1) } / 4 }
            for (place, record) in group.enumerated() {
                func apart(_ own: Double, _ all: [Double]) -> Double {
                    own * 6 / 5 - all.reduce(0, +) / 5
                }
                var sum = apart(outcomes[place], outcomes)
                let expected = tokens[place].reversed().map { token in
                    sum += 5 * apart(Double(token), means)
                    return sum
                }
                let found = try #require(sequence(record, updates)?.tokens["advantages"])
                #expect(
                    zip(found.elements.reversed(), expected).allSatisfy {
                        abs(Double($0) - $1) < 1e-5
                    }
                )
            }
        }
    }

    private func sequence(
        _ record: RolloutRecord,
        _ updates: [WorkerRequest.Update]
    ) -> WorkerRequest.TrainingSequence? {
        for update in updates {
            let found = update.sequences.first { sequence in
                update.groups[sequence.group].completions[sequence.completion].elements
                    == record.rollout.completionTokens
                    && sequence.tokens["old_logprobs"]?.elements == record.rollout.logprobs
            }
            if let found { return found }
        }
        return nil
    }

    @Test func `killed in any phase it ends in the same bytes`() async throws {
        let bench = try await DenseRun.bench()
        let first = bench.launcher.requests.count
        try #require(try await bench.complete(DenseRun.spec(bench)).state == .succeeded)
        let expected = try await Remains(of: "run-2", in: bench)
        let names = bench.launcher.requests
        let kinds = Dictionary(
            grouping: (first..<names.count).filter { names[$0] != "plan" }
        ) { names[$0] }
        #expect(kinds["logprobs"]?.isEmpty == false)
        for (kind, numbers) in kinds {
            for number in Set([numbers[0], numbers[numbers.count / 2]]) {
                for moment in [PseudoLauncher.Moment.before, .after] {
                    let remains = try await killed(moment, number)
                    #expect(remains == expected, "\(moment) \(kind), request \(number)")
                }
            }
        }
    }

    /// What is left when the daemon is killed at a request and started again.
    private func killed(
        _ fatal: PseudoLauncher.Moment,
        _ number: Int
    ) async throws -> Remains {
        let bench = try await DenseRun.bench()
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, current, _ throws(HoneError) in
            if moment == fatal && current == number { await plane.shutdown() }
        }
        _ = try await plane.submit(DenseRun.spec(bench))
        await plane.run()
        bench.launcher.interfere(with: nil)
        try await bench.drive(try await bench.plane(), until: "run-2")
        return try await Remains(of: "run-2", in: bench)
    }

    @Test func `a lost reward worker is replaced`() async throws {
        let bench = try await DenseRun.bench()
        let first = bench.launcher.requests.count
        _ = try await bench.complete(DenseRun.spec(bench))
        let expected = try await Remains(of: "run-2", in: bench)
        let other = try await DenseRun.bench()
        let number = bench.launcher.requests[first...].firstIndex(of: "logprobs") ?? 0
        other.launcher.interfere { moment, current, _ throws(HoneError) in
            if moment == .after && current == number { throw PseudoLauncher.lost }
        }
        _ = try await other.complete(DenseRun.spec(other))
        #expect(try await Remains(of: "run-2", in: other) == expected)
    }

    @Test func `the score serves as a plain reward, and its models are kept while they are needed`()
        async throws
    {
        let bench = try await DenseRun.bench()
        let plane = try await bench.plane()
        let reward: Value = ["name": "implicit", "model": "prm"]
        let items = [RewardItem(prompt: "p", completion: "abc")]
        let found = try await plane.score(reward: reward, items: items)
        let named = reward.objectValue?.merging(["reference": "tiny"]) { $1 } ?? [:]
        #expect(try await plane.score(reward: .object(named), items: items) == found)
        #expect(found[0].tokenRewards.count == 4)
        #expect(found[0].score == found[0].tokenRewards.reduce(0.0) { $0 + Double($1) })
        let error = await #expect(throws: HoneError.self) {
            try await plane.score(reward: ["name": "implicit", "model": "tiny"], items: items)
        }
        #expect(error?.message.contains("name it as the \"reference\"") == true)
        var spec = DenseRun.spec(bench)
        spec.model = "prm"
        _ = try await plane.submit(spec)
        for name in ["prm", "tiny"] {
            let refused = await #expect(throws: HoneError.self) {
                try await plane.deleteModel(name)
            }
            #expect(refused?.code == .conflict)
        }
        await plane.shutdown()
    }
}
