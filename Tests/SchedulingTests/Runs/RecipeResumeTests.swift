import APITypes
import Domain
import Store
import TestSupport
import Testing
import WorkerProtocol

@testable import Scheduling

/// Every recipe of the documentation, killed in each of its phases: at one request of each kind, in the
/// middle of the run.
///
/// The ways to be killed take turns: the daemon or the worker, before the work is done or after it,
/// when its answer never came.
struct RecipeResumeTests {
    private static let standIns = RecipeStandIns(model: "tiny", rewardModel: "judge")

    private static func spec(_ name: String) throws -> RunSpec {
        let page = try #require(RecipePage.all.first { $0.name == name })
        return try RunSpecReader.read(page.shrunk(standIns, name: "one"))
    }

    @Test(arguments: RecipePage.all.map { $0.name })
    func `a recipe that is killed in any phase ends in the same bytes`(_ name: String) async throws
    {
        let spec = try Self.spec(name)
        let bench = try await Bench()
        let first = bench.launcher.requests.count
        try #require(try await bench.complete(spec).state == .succeeded)
        let plans = bench.launcher.requests[first...].prefix { $0 == "plan" }.count
        let names = bench.launcher.requests
        let kinds = Dictionary(grouping: (first + plans)..<names.count) { names[$0] }
        let turn = RecipePage.all.firstIndex { $0.name == name } ?? 0
        let expected = try await Remains(of: "run-1", in: bench)
        for (place, kind) in kinds.keys.sorted().enumerated() {
            let numbers = kinds[kind] ?? []
            let number = numbers[numbers.count / 2]
            let way = (place + turn) % 4
            let moment: PseudoLauncher.Moment = way < 2 ? .before : .after
            let remains =
                way % 2 == 0
                ? try await Self.killed(spec, moment, number)
                : try await Self.bereaved(spec, moment, number)
            #expect(remains == expected, "\(moment) \(kind), request \(number)")
        }
    }

    /// What is left when the daemon is killed at a request and started again.
    private static func killed(
        _ spec: RunSpec,
        _ fatal: PseudoLauncher.Moment,
        _ number: Int
    ) async throws -> Remains {
        let bench = try await Bench()
        let plane = try await bench.plane()
        bench.launcher.interfere { moment, current, _ throws(HoneError) in
            if moment == fatal && current == number { await plane.shutdown() }
        }
        _ = try await plane.submit(spec)
        await plane.run()
        bench.launcher.interfere(with: nil)
        try await bench.drive(try await bench.plane(), until: "run-1")
        return try await Remains(of: "run-1", in: bench)
    }

    /// What is left when a worker is lost at a request.
    private static func bereaved(
        _ spec: RunSpec,
        _ fatal: PseudoLauncher.Moment,
        _ number: Int
    ) async throws -> Remains {
        let bench = try await Bench()
        bench.launcher.interfere { moment, current, _ throws(HoneError) in
            if moment == fatal && current == number { throw PseudoLauncher.lost }
        }
        _ = try await bench.complete(spec)
        return try await Remains(of: "run-1", in: bench)
    }
}
