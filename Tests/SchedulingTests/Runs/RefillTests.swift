import Domain
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

struct RefillTests {
    /// About half of the groups have a mean reward that the filter takes.
    private func spec(_ bench: Bench, rounds: Int = 6, oversampling: Double = 1) -> RunSpec {
        var spec = bench.groups()
        spec.evaluation = nil
        spec.promptsPerIteration = 4
        spec.prompts = .items((0..<40).map { .string("prompt \($0)") })
        let range: Value = ["low": 5, "high": 100]
        spec.stages = StageSpec()
        spec.stages?.filters = [NamedParameters(name: "reward_range", parameters: range)]
        spec.refill = RefillSpec(rounds: rounds, oversampling: oversampling)
        return spec
    }

    private func metrics(_ bench: Bench) async throws -> [[String: Double]] {
        let plane = try await bench.plane()
        let metrics = try await plane.metrics("one").map(\.metrics)
        // The folder is free for the next one when this returns.
        await plane.shutdown()
        return metrics
    }

    @Test func `groups that filters took are replaced until the batch is full`() async throws {
        let bench = try await Bench()
        let (run, updates) = try await bench.updates(spec(bench))
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        // Four groups an iteration in minibatches of two, whatever was drawn for them.
        #expect(updates.map(\.groups.count) == [2, 2, 2, 2])
        for group in updates.flatMap({ update in
            update.groups.indices.map { index in update.sequences.filter { $0.group == index } }
        }) {
            let rewards = group.compactMap { $0.scalars["reward"] }
            #expect(rewards.reduce(0, +) / Double(rewards.count) >= 5)
        }
        let found = try await metrics(bench)
        for (index, values) in found.enumerated() {
            let drawn = try await bench.trained(index + 1)
            let places = Set(drawn.map(\.promptIndex))
            #expect(values["rollout/drawn_groups"] == Double(places.count))
            #expect(places == Set(0..<places.count))
            #expect((values["rollout/refill_rounds"] ?? 0) > 0)
            let filtered = values["rollout/filtered_groups"] ?? 0
            #expect(filtered + 4 + (values["rollout/surplus_groups"] ?? 0) == Double(places.count))
        }
        // No prompt comes again before all others have come.
        let prompts = try await bench.trained(1) + bench.trained(2)
        let firsts = prompts.filter { $0.sampleIndex == 0 }.map(\.prompt)
        #expect(Set(firsts).count == firsts.count)
    }

    @Test func `what is too much is cut in order, and rounds come to an end`() async throws {
        let bench = try await Bench()
        let (_, updates) = try await bench.updates(spec(bench, oversampling: 4))
        #expect(updates.map(\.groups.count) == [2, 2, 2, 2])
        let found = try await metrics(bench)
        #expect(found.allSatisfy { ($0["rollout/drawn_groups"] ?? 0) >= 16 })
        #expect(found.contains { ($0["rollout/surplus_groups"] ?? 0) > 0 })

        let short = try await Bench()
        var spec = spec(short, rounds: 1)
        let never: Value = ["low": 100, "high": 200]
        spec.stages?.filters = [NamedParameters(name: "reward_range", parameters: never)]
        let (run, none) = try await short.updates(spec)
        #expect(run.state == .succeeded && none.isEmpty)
        let rounds = try await metrics(short).map { $0["rollout/refill_rounds"] }
        #expect(rounds == [1, 1])
    }

    @Test func `groups without a pair are replaced as well`() async throws {
        let bench = try await Bench()
        var spec = spec(bench)
        spec.objective = NamedParameters(name: "dpo")
        spec.stages = nil
        spec.groupSize = 2
        let margin: Value = ["minimum_margin": 4]
        spec.pairing = PairingSpec(rule: NamedParameters(name: "threshold", parameters: margin))
        let (run, updates) = try await bench.updates(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        #expect(updates.map(\.pairs.count) == [2, 2, 2, 2])
        #expect(updates.flatMap(\.pairs).allSatisfy { ($0.margin ?? 0) >= 4 })
        #expect(try await metrics(bench).allSatisfy { $0["rollout/pairs"] == 4 })
    }

    /// The requests of an undisturbed run, after the validation's.
    private func undisturbed() async throws -> (Remains, requests: Range<Int>) {
        let bench = try await Bench()
        let first = bench.launcher.requests.count
        _ = try await bench.complete(spec(bench))
        let plans = bench.launcher.requests[first...].prefix { $0 == "plan" }.count
        let end = bench.launcher.requests.count
        return (try await Remains(of: "run-1", in: bench), (first + plans)..<end)
    }

    @Test func `a run killed in any round draws the same prompts again and ends in the same bytes`()
        async throws
    {
        let (expected, requests) = try await undisturbed()
        for number in requests {
            let bench = try await Bench()
            let plane = try await bench.plane()
            bench.launcher.interfere { moment, current, _ throws(HoneError) in
                if moment == .after && current == number { await plane.shutdown() }
            }
            _ = try await plane.submit(spec(bench))
            await plane.run()
            bench.launcher.interfere(with: nil)
            try await bench.drive(try await bench.plane(), until: "run-1")
            let remains = try await Remains(of: "run-1", in: bench)
            #expect(remains == expected, "killed after request \(number)")
        }
    }
}
