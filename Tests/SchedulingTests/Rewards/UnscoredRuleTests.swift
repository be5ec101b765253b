import Domain
import Foundation
import Store
import Testing

@testable import Scheduling

/// Runs whose reward is a service that fails now and then.
struct UnscoredRuleTests {
    private func run(
        _ rule: UnscoredRule?,
        attempts: Int = 6,
        _ transport: FakeTransport
    ) async throws -> (run: RunRecord, rollouts: [RolloutRecord]) {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.reward = [
            "name": "remote", "url": "http://localhost/", "protocol": "openrlhf", "batch_size": 3,
            "attempts": 1,
        ]
        spec.iterations = 1
        spec.evaluation = nil
        spec.unscored = rule
        var configuration = ControlPlaneConfiguration(dataFolder: "\(bench.folder)/data")
        configuration.remoteTransport = transport
        configuration.unscoredPatience = UnscoredPatience(attempts: attempts, firstPause: .zero)
        let plane = try await ControlPlane(
            configuration: configuration,
            launcher: bench.launcher
        )
        guard case .created(let created) = try await plane.submit(spec) else {
            throw HoneError(.invalidSpec, "\(try await plane.validate(spec).faults)")
        }
        let run = try await bench.drive(plane, until: created.id)
        let store = try DataStore(folder: "\(bench.folder)/data")
        return (run, try await store.rollouts(run: run.id, limit: .max).items)
    }

    private static func failing(_ numbers: Range<Int>) -> FakeTransport {
        FakeTransport { (number, _) throws(RemoteFailure) in
            if numbers.contains(number) { throw RemoteFailure("connection refused") }
            return nil
        }
    }

    @Test func `dropped completions keep their reason and leave their group`() async throws {
        let (run, rollouts) = try await run(nil, Self.failing(0..<1))
        #expect(run.state == .succeeded)
        let unscored = rollouts.filter { $0.reward == nil }
        #expect(unscored.count == 3)
        let reasons = unscored.flatMap(\.scores).compactMap(\.reason)
        #expect(reasons == Array(repeating: "http://localhost/: connection refused", count: 3))
        #expect(rollouts.filter { $0.reward != nil }.allSatisfy { $0.scores[0].reason == nil })
    }

    @Test func `a run that waits asks again until all are scored`() async throws {
        let (run, rollouts) = try await run(.wait, Self.failing(0..<4))
        #expect(run.state == .succeeded)
        #expect(rollouts.count == 18)
        #expect(rollouts.allSatisfy { $0.reward != nil })
    }

    @Test func `a run that waits in vain fails with what to do, and stores no missing score`()
        async throws
    {
        let (run, rollouts) = try await run(.wait, attempts: 3, Self.failing(0..<1000))
        #expect(run.state == .failed)
        #expect(run.error?.message.contains("connection refused") == true)
        #expect(run.error?.message.contains("resume the run") == true)
        #expect(rollouts.allSatisfy { $0.scores.isEmpty })
    }

    @Test func `what will never be scored is not waited for`() async throws {
        let transport = FakeTransport { _, body in
            let count = body["query"]?.arrayValue?.count ?? 0
            let list = (0..<count).map { $0 == 0 ? "null" : "\($0).5" }
            return .ok(#"{"rewards":[\#(list.joined(separator: ","))]}"#)
        }
        let (run, rollouts) = try await run(.wait, transport)
        #expect(run.state == .succeeded)
        #expect(rollouts.filter { $0.reward == nil }.count == 6)
        #expect(transport.count == 6)
    }
}
