import Domain
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// What runs ask of their workers for references and value models.
struct PolicyRunTests {
    private func requests(
        _ bench: Bench,
        _ spec: RunSpec
    ) async throws -> (run: RunRecord, requests: [WorkerRequest]) {
        let list = Mutex<[WorkerRequest]>([])
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if moment == .before { list.withLock { $0.append(request) } }
        }
        let run = try await bench.complete(spec)
        return (run, list.withLock { $0 })
    }

    private func opened(_ requests: [WorkerRequest]) -> [WorkerRequest.OpenPolicy] {
        requests.compactMap { if case .openPolicy(let order) = $0 { order } else { nil } }
    }

    @Test func `a soup is made once, before the policy is opened beside it`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.reference = .soup(models: ["tiny", "tiny"], weights: [1, 3])
        let (run, requests) = try await requests(bench, spec)
        #expect(run.state == .succeeded)
        let soups = requests.compactMap {
            if case .soup(let order) = $0 { order } else { nil }
        }
        #expect(soups.count == 1 && soups.first?.shares == [0.25, 0.75])
        let order = try #require(opened(requests).first)
        #expect(order.referenceFolder == soups.first?.destination)
        #expect(order.usesReference && order.referenceDecay == nil)
    }

    @Test func `without a reference none is opened, scored or measured`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.objective = NamedParameters(name: "dr_grpo")
        spec.reference = .absent
        let (run, requests) = try await requests(bench, spec)
        #expect(run.state == .succeeded)
        #expect(opened(requests).allSatisfy { !$0.usesReference })
        for case .sample(let order) in requests { #expect(!order.includesReference) }
        let metrics = try #require(try await bench.plane().metrics("one").last?.metrics)
        #expect(metrics["policy/kl"] == nil && metrics["evaluation/kl"] == nil)
    }

    @Test func `an average is opened with its decay and stored with every rollout`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.objective = NamedParameters(name: "grpo", parameters: ["kl_coefficient": 0.1])
        spec.reference = .average(decay: 0.99)
        let (run, requests) = try await requests(bench, spec)
        #expect(run.state == .succeeded)
        #expect(opened(requests).allSatisfy { $0.referenceDecay == 0.99 })
        for case .update(let order) in requests {
            #expect(order.sequences.allSatisfy { $0.tokens["reference_logprobs"] != nil })
        }
    }

    @Test func `values warm up alone, at a rate of their own`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.iterations = 3
        spec.objective = NamedParameters(name: "ppo", parameters: ["value_coefficient": 0.5])
        spec.optimizer.learningRate = 0.01
        spec.optimizer.schedule = .linear
        var values = ValueModelSpec()
        values.name = .separate
        (values.warmupIterations, values.learningRate) = (1, 0.1)
        spec.valueModel = values
        let (run, requests) = try await requests(bench, spec)
        #expect(run.state == .succeeded)
        let updates = requests.compactMap {
            if case .update(let order) = $0 { order } else { nil }
        }
        #expect(updates.map(\.movesValuesOnly) == [true, true, false, false, false, false])
        for update in updates {
            let rate = try #require(update.valueLearningRate)
            #expect(abs(rate - 10 * update.learningRate) < 1e-12)
        }
        #expect(opened(requests).first?.training?.critic != nil)
    }

    @Test func `late samples that nothing corrects for are noted`() async throws {
        let methods = [
            (NamedParameters(name: "reinforce"), true),
            (NamedParameters(name: "reinforce", parameters: ["importance_cap": 2]), true),
            (NamedParameters(name: "grpo"), false),
        ]
        for (objective, isNoted) in methods {
            let bench = try await Bench()
            var spec = bench.overlapping(1)
            spec.objective = objective
            let run = try await bench.complete(spec)
            let plane = try await bench.plane()
            let events = try await plane.store.events(run: run.id, after: 0, limit: .max)
            let notes = events.filter {
                $0.payload["message"]?.stringValue?.contains("does not correct") == true
            }
            #expect(notes.count == (isNoted ? 1 : 0), "\(objective)")
            await plane.shutdown()
        }
    }
}
