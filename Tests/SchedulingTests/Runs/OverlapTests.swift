import Domain
import Foundation
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// Sampling beside learning.
struct OverlapTests {
    @Test(arguments: [1, 2, 3])
    func `an iteration is sampled by exactly the policy that the spec says`(
        _ staleness: Int
    ) async throws {
        let bench = try await Bench()
        let run = try await bench.complete(bench.overlapping(staleness))
        #expect(run.state == .succeeded)
        #expect(run.policyVersion == 8)
        let plane = try await bench.plane()
        for iteration in 1...4 {
            let rollouts = try await plane.rollouts(
                run: "one",
                iteration: iteration,
                purpose: .training,
                limit: .max
            ).items
            // Two steps an iteration.
            let version = 2 * max(0, iteration - 1 - staleness)
            #expect(rollouts.count == 3 * 6)
            #expect(rollouts.allSatisfy { $0.rollout.policyVersion == version })
        }
        let metrics = try await plane.metrics("one").map(\.metrics)
        #expect(
            metrics.compactMap { $0["rollout/staleness"] }
                == (1...4).map { Double(min($0 - 1, staleness)) }
        )
        #expect(bench.launcher.launches.filter { $0 == "sampler" }.count == 1)
        let left = "\(bench.folder)/data/runs/run-1/snapshots"
        #expect(!FileManager.default.fileExists(atPath: left))
    }

    @Test func `sampling goes on while the learner learns`() async throws {
        let bench = try await Bench()
        let samples = Mutex(0)
        let step = Mutex(0)
        // The first step waits until a sample of the next iteration was asked for.
        let isAhead = AsyncStream.makeStream(of: Void.self)
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            guard moment == .before else { return }
            switch request {
            case .sample:
                if samples.withLock({
                    $0 += 1; return $0
                }) == 2 {
                    isAhead.continuation.finish()
                }
            case .update:
                if step.withLock({
                    $0 += 1; return $0
                }) == 1 {
                    for await _ in isAhead.stream {}
                }
            default: break
            }
        }
        let run = try await bench.complete(bench.overlapping(1))
        #expect(run.state == .succeeded)
    }

    @Test func `the memory of the second worker is counted`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let alone = try await plane.validate(bench.overlapping(0))
        let both = try await plane.validate(bench.overlapping(1))
        #expect(try #require(both.memoryBytes) == (alone.memoryBytes ?? 0) + 1 << 20)
        #expect(try #require(both.diskBytes) == (alone.diskBytes ?? 0) + 2 << 10)
    }

    @Test func `a paused run that overlaps goes on to the same bytes`() async throws {
        let whole = try await Bench()
        _ = try await whole.complete(whole.overlapping(1))
        let bench = try await Bench()
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .update(let order) = request, moment == .after,
                order.expectedPolicyVersion == 5
            {
                _ = try await plane.pause("one")
            }
        }
        _ = try await plane.submit(bench.overlapping(1))
        let paused = try await bench.drive(plane, until: "one")
        #expect(paused.state == .paused)
        bench.launcher.interfere(with: nil)
        let again = try await bench.plane()
        _ = try await again.resume("one")
        try await bench.drive(again, until: "one")
        #expect(try await Remains(of: "run-1", in: bench) == Remains(of: "run-1", in: whole))
    }

    @Test func `a sampler that is lost again and again fails the run with the cause`() async throws
    {
        let bench = try await Bench()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .sample = request, moment == .before { throw PseudoLauncher.lost }
        }
        let run = try await bench.complete(bench.overlapping(1))
        #expect(run.state == .failed)
        #expect(run.error?.message.contains("3 times in a row") == true)
        #expect(bench.launcher.launches.filter { $0 == "sampler" }.count == 3)
        #expect(bench.launcher.launches.filter { $0 == "policy" }.count == 1)
    }

    @Test func `a run that stops early stores the same, whichever lane is faster`() async throws {
        var remains: [Remains] = []
        for isSlow in [false, true] {
            let bench = try await Bench()
            bench.launcher.interfere { moment, _, request throws(HoneError) in
                // The other lane gets its turns first.
                if case .update = request, moment == .before, isSlow {
                    for _ in 0..<200 { await Task.yield() }
                }
            }
            var spec = bench.overlapping(2)
            spec.stop.maxKL = -1000
            let run = try await bench.complete(spec)
            #expect(run.state == .succeeded && run.iteration == 1)
            remains.append(try await Remains(of: "run-1", in: bench))
        }
        #expect(remains[0] == remains[1])
    }
}

struct ThreadShareTests {
    @Test(arguments: [(1, 1, 1), (2, 1, 1), (3, 1, 2), (8, 4, 4)])
    func `shares of the threads are fixed by their number`(
        _ threads: Int,
        _ sampler: Int,
        _ rest: Int
    ) {
        #expect(ThreadShare.whole.of(threads) == threads)
        #expect(ThreadShare.smallerHalf.of(threads) == sampler)
        #expect(ThreadShare.largerHalf.of(threads) == rest)
    }
}
