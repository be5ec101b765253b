import Domain
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct PairingRunTests {
    private func spec(
        _ bench: Bench,
        _ rule: String,
        _ parameters: Value = [:],
        most: Int? = nil
    ) -> RunSpec {
        var spec = bench.online()
        spec.groupSize = 6
        spec.evaluation = nil
        let entry = NamedParameters(name: rule, parameters: parameters)
        spec.pairing = PairingSpec(rule: entry, mostPairs: most)
        return spec
    }

    @Test func `a group's several pairs make more steps, and its completions are there once`()
        async throws
    {
        let bench = try await Bench()
        var spec = spec(bench, "all")
        spec.minibatchSize = 8
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        // Three groups of six completions: 45 pairs in minibatches of eight, fewer where rewards tie.
        let plane = try await bench.plane()
        let pairs = try await plane.pairs(run: "one", iteration: 1, limit: 1000).items
        #expect(pairs.count > 30 && pairs.count <= 45)
        #expect(updates.prefix((pairs.count + 7) / 8).flatMap(\.pairs).count == pairs.count)
        for update in updates {
            let places = update.sequences.map { "\($0.group) \($0.completion)" }
            #expect(Set(places).count == places.count)
            let used = Set(update.pairs.flatMap { [$0.chosen, $0.rejected] })
            #expect(used == Set(update.sequences.indices))
            #expect(update.groups.reduce(0) { $0 + $1.completions.count } <= 18)
        }
        let metrics = try #require(try await plane.metrics("one").first?.metrics)
        #expect(metrics["rollout/pairs"] == Double(pairs.count))
    }

    @Test func `the learning rate falls over the most pairs that the rule makes`() async throws {
        let bench = try await Bench()
        var spec = spec(bench, "all", most: 4)
        spec.optimizer.schedule = .linear
        spec.minibatchSize = 6
        let (_, updates) = try await bench.updates(spec)
        // Twelve pairs an iteration are two steps, four in all.
        let peak = spec.optimizer.learningRate
        #expect(updates.map(\.learningRate).count == 4)
        #expect(updates.first?.learningRate == peak)
        for update in updates { #expect(update.learningRate > 0 && update.learningRate <= peak) }
    }

    @Test func `what is drawn is drawn from the seed`() async throws {
        let (first, second, third) = (try await Bench(), try await Bench(), try await Bench())
        let parts: Value = ["beta": 2, "accepted": 4]
        let drawn = spec(first, "rejection_sampled", parts)
        var other = drawn
        other.seed = 5
        _ = try await first.complete(drawn)
        _ = try await second.complete(drawn)
        _ = try await third.complete(other)
        let remains = try await Remains(of: "run-1", in: first)
        #expect(!remains.pairs.isEmpty)
        #expect(try await Remains(of: "run-1", in: second) == remains)
        #expect(try await Remains(of: "run-1", in: third).pairs != remains.pairs)
    }

    @Test func `memory is planned for the completions that a prompt's pairs have together`() throws
    {
        func completions(_ rule: String, _ minibatch: Int) -> Int {
            var spec = RunSpec(
                name: "run",
                kind: .online,
                model: "tiny",
                objective: NamedParameters(name: "dpo")
            )
            spec.pairing = PairingSpec(rule: NamedParameters(name: rule))
            spec.minibatchSize = minibatch
            return RunWorkload(spec).workload.trainedCompletions
        }
        #expect(completions("best_worst", 16) == 2)
        #expect(completions("all", 16) == 8)
        #expect(completions("all", 2) == 4)
    }
}
