import Domain
import Foundation
import Rewards
import Testing

@testable import Scheduling

struct RemoteProviderTests {
    private func scores(
        _ transport: FakeTransport?,
        _ fields: [String: Value] = [:],
        count: Int = 5
    ) async throws -> [RewardScore] {
        let own: [String: Value] = [
            "name": "remote", "url": "http://localhost/get_reward", "protocol": "openrlhf",
            "batch_size": 2,
        ]
        let spec = Value.object(own.merging(fields) { $1 })
        let evaluator = try RewardEvaluator(spec, path: "$")
        let services = RewardServices(transport: transport, seed: 1, firstPause: .zero)
        let host = FakeRewardHost(services: services) { (_, _) throws(HoneError) in
            throw HoneError(.internalError, "no model is needed")
        }
        let items = (0..<count).map {
            RewardInput(prompt: "", completion: String(repeating: "a", count: $0))
        }
        return try await evaluator.score(items, from: host)
    }

    @Test func `batches are sent and their scores put in order`() async throws {
        let transport = FakeTransport()
        let found = try await scores(transport)
        #expect(found.map(\.value) == [0, 1, 2, 3, 4])
        #expect(transport.count == 3)
    }

    @Test func `a request that fails is sent again`() async throws {
        let transport = FakeTransport { (number, _) throws(RemoteFailure) in
            switch number {
            case 0: throw RemoteFailure("closed early")
            case 1: return RemoteReply(status: 503, body: Array("busy".utf8))
            case 2: return .ok(#"{"rewards":[1]}"#)
            case 3: return .ok("<html>")
            default: return nil
            }
        }
        let found = try await scores(transport, ["concurrency": 1])
        #expect(found.map(\.value) == [0, 1, 2, 3, 4])
        #expect(transport.count == 7)
    }

    @Test func `after the last attempt its completions are unscored, and no others`() async throws {
        let transport = FakeTransport { (_, body) throws(RemoteFailure) in
            if body["query"] == ["aa", "aaa"] { throw RemoteFailure("timed out") }
            return nil
        }
        let found = try await scores(transport, ["attempts": 3])
        #expect(found.map(\.value) == [0, 1, nil, nil, 4])
        #expect(found[2].reason == "http://localhost/get_reward: timed out")
        #expect(found[2].mayComeLater)
        #expect(transport.count == 5)
    }

    @Test func `a refusal is not repeated`() async throws {
        let transport = FakeTransport { _, _ in
            RemoteReply(status: 422, body: Array("no such field".utf8))
        }
        let found = try await scores(transport, count: 1)
        #expect(found[0].reason?.contains("422: no such field") == true)
        #expect(transport.count == 1)
    }

    @Test func `null and NaN are unscored for good`() async throws {
        let transport = FakeTransport { _, _ in .ok(#"{"rewards":[NaN, null], "n":"NaN"}"#) }
        let found = try await scores(transport, count: 2)
        #expect(found.map(\.value) == [nil, nil])
        #expect(found.allSatisfy { !$0.mayComeLater })
    }

    @Test func `no more requests are under way than the reward and the gate allow`() async throws {
        let transport = FakeTransport()
        _ = try await scores(transport, ["batch_size": 1, "concurrency": 3], count: 40)
        #expect(transport.mostOpen <= 3)
        let many = FakeTransport()
        _ = try await scores(many, ["batch_size": 1, "concurrency": 64], count: 80)
        #expect(many.count == 80)
        #expect(many.mostOpen <= 8)
    }

    @Test func `a host that is not allowed is not asked`() async throws {
        let transport = FakeTransport()
        let found = try await scores(transport, ["url": "http://forbidden/x"], count: 1)
        #expect(found[0].reason == "http://forbidden/x: the host is not allowed")
        #expect(transport.count == 0)
        #expect(try await scores(nil, count: 1)[0].value == nil)
    }

    @Test func `pauses grow, stay below their limit, and are the same for a seed`() throws {
        let spec: Value = ["name": "remote", "url": "http://localhost/", "protocol": "slime"]
        guard case .remote(let service)? = try RewardPlan(spec).leaves[0].source else {
            Issue.record("no service")
            return
        }
        func pauses(_ seed: UInt64) -> [Duration] {
            let provider = RemoteProvider(service: service, services: RewardServices(seed: seed))
            return (1...20).map { provider.pause(after: $0, 0) }
        }
        #expect(pauses(1) == pauses(1))
        #expect(pauses(1) != pauses(2))
        #expect(pauses(1).allSatisfy { $0 >= .zero && $0 <= RemoteProvider.longestPause })
        #expect(pauses(1).max().map { $0 > .seconds(5) } == true)
        #expect(pauses(1)[0] < .seconds(1))
    }
}
