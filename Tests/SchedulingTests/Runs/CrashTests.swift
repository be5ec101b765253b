import Domain
import Foundation
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// Kills at every request that a whole run makes: what remains is what an undisturbed run leaves.
///
/// Each is killed before the worker did it, and after, when its answer never came.
struct CrashTests {
    /// Runs of each way to learn and to sample.
    private static let variants: [@Sendable (Bench) -> RunSpec] = [
        { $0.online() }, { $0.groups() }, { $0.overlapping(1) }, { $0.staged() },
        { $0.opposed() },
    ]

    /// The requests of an undisturbed run, after the validation's.
    private func undisturbed(
        _ spec: (Bench) -> RunSpec
    ) async throws -> (Remains, requests: Range<Int>) {
        let bench = try await Bench()
        let first = bench.launcher.requests.count
        _ = try await bench.complete(spec(bench))
        let plans = bench.launcher.requests[first...].prefix { $0 == "plan" }.count
        let end = bench.launcher.requests.count
        return (try await Remains(of: "run-1", in: bench), (first + plans)..<end)
    }

    @Test(arguments: variants.indices)
    func `a daemon killed at any unit goes on and ends in the same bytes`(
        _ variant: Int
    ) async throws {
        let spec = Self.variants[variant]
        let (expected, requests) = try await undisturbed(spec)
        for number in requests {
            for fatal in [PseudoLauncher.Moment.before, .after] {
                let bench = try await Bench()
                let plane = try await bench.plane()
                bench.launcher.interfere { moment, current, _ throws(HoneError) in
                    if moment == fatal && current == number { await plane.shutdown() }
                }
                _ = try await plane.submit(spec(bench))
                await plane.run()
                let state = try await plane.store.run("run-1").state
                #expect(state == .running, "killed \(fatal) request \(number)")
                bench.launcher.interfere(with: nil)
                try await bench.drive(try await bench.plane(), until: "run-1")
                let remains = try await Remains(of: "run-1", in: bench)
                #expect(remains == expected, "killed \(fatal) request \(number)")
            }
        }
    }

    @Test(arguments: variants.indices)
    func `a worker lost at any unit is replaced and the run ends in the same bytes`(
        _ variant: Int
    ) async throws {
        let spec = Self.variants[variant]
        let (expected, requests) = try await undisturbed(spec)
        for number in requests {
            for fatal in [PseudoLauncher.Moment.before, .after] {
                let bench = try await Bench()
                bench.launcher.interfere { moment, current, _ throws(HoneError) in
                    if moment == fatal && current == number { throw PseudoLauncher.lost }
                }
                let run = try await bench.complete(spec(bench))
                #expect(run.state == .succeeded, "lost \(fatal) request \(number)")
                let remains = try await Remains(of: "run-1", in: bench)
                #expect(remains == expected, "lost \(fatal) request \(number)")
            }
        }
    }

    @Test func `nothing that is stored is sampled or scored again`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .update = request, moment == .after { await plane.shutdown() }
        }
        _ = try await plane.submit(bench.online())
        await plane.run()
        bench.launcher.interfere(with: nil)
        let before = bench.launcher.requests.count
        let again = try await bench.plane()
        try await bench.drive(again, until: "run-1")
        let redone = bench.launcher.requests[before...].prefix { $0 != "update" }
        #expect(redone.allSatisfy { $0 == "open policy" }, "\(redone)")
    }

    @Test func `three losses of one unit in a row fail the run with the cause`() async throws {
        let bench = try await Bench()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .update(let order) = request, order.expectedPolicyVersion == 2,
                moment == .before
            {
                throw PseudoLauncher.lost
            }
        }
        let run = try await bench.complete(bench.online())
        #expect(run.state == .failed)
        #expect(run.error?.code == .workerLost)
        #expect(run.error?.message.contains("3 times in a row") == true)
        #expect(run.error?.message.contains("SIGKILL") == true)
        #expect(bench.launcher.launches.filter { $0 == "policy" }.count == 3)
        let plane = try await bench.plane()
        #expect(try await plane.checkpoints("one").map(\.iteration) == [1])
    }

    @Test func `a reward worker that is lost again and again fails the run with the cause`()
        async throws
    {
        let bench = try await Bench()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            if case .score = request, moment == .before { throw PseudoLauncher.lost }
        }
        let run = try await bench.complete(bench.online())
        #expect(run.state == .failed)
        #expect(run.error?.message.contains("judge") == true)
        #expect(bench.launcher.launches.filter { $0 == "reward" }.count == 3)
    }
}
