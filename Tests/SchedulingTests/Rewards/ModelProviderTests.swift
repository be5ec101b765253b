import Domain
import Rewards
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

/// Reward models that refuse a text.
struct ModelProviderTests {
    /// A model with a context of `limit` characters whose score is the length, refusing as a worker
    /// does: all for one.
    private static func host(limit: Int) -> FakeRewardHost {
        FakeRewardHost { (_, request) throws(HoneError) in
            guard case .score(let order) = request else {
                throw HoneError(.internalError, "not asked")
            }
            if let long = order.items.firstIndex(where: { $0.completion.count > limit }) {
                throw HoneError(.promptTooLong, "item \(long) is long", param: "items[\(long)]")
            }
            return .scored(order.items.map { .init(score: Double($0.completion.count)) })
        }
    }

    private static func scores(
        _ completions: [String],
        _ host: FakeRewardHost
    ) async throws -> [RewardScore] {
        try await RewardEvaluator(["name": "model", "model": "m"], path: "$").score(
            completions.map { RewardInput(prompt: "p", completion: $0) },
            from: host
        )
    }

    @Test func `a text that is too long is unscored alone, with the reason`() async throws {
        let host = Self.host(limit: 4)
        let scores = try await Self.scores(["a", "aaaaaa", "aaa", "aa", "aaaaa"], host)
        #expect(scores.map(\.value) == [1, nil, 3, 2, nil])
        #expect(scores[1].reason?.contains("is long") == true && !scores[1].mayComeLater)
        let whole = Self.host(limit: 9)
        #expect(try await Self.scores(["a", "aa"], whole).map(\.value) == [1, 2])
        #expect(whole.requests == ["score"])
    }

    @Test func `what is wrong with the request, or the worker, is an error`() async throws {
        for error in [
            HoneError(.invalidRequest, "has no score of one", param: "items"),
            HoneError(.workerLost, "killed", param: "items[0]"),
        ] {
            let host = FakeRewardHost { (_, _) throws(HoneError) in throw error }
            await #expect(throws: HoneError.self) { try await Self.scores(["a", "b"], host) }
            #expect(host.requests == ["score"])
        }
    }

    @Test func `a run goes on without the completion that its reward model cannot read`()
        async throws
    {
        let bench = try await Bench()
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            guard case .score(let order) = request, moment == .before,
                let place = order.items.firstIndex(where: { $0.completion.hasPrefix("1") })
            else { return }
            throw HoneError(.promptTooLong, "item is long", param: "items[\(place)]")
        }
        var spec = bench.groups()
        spec.evaluation = nil
        let run = try await bench.complete(spec)
        #expect(run.state == .succeeded, "\(String(describing: run.error))")
        let store = try DataStore(folder: "\(bench.folder)/data")
        let rollouts = try await store.rollouts(run: run.id, limit: .max).items
        let unscored = rollouts.filter { $0.reward == nil }
        #expect(!unscored.isEmpty && unscored.count < rollouts.count)
        #expect(unscored.allSatisfy { $0.rollout.text.hasPrefix("1") })
        #expect(unscored.flatMap(\.scores).allSatisfy { $0.reason == "item is long" })
        #expect(rollouts.filter { $0.rollout.text.hasPrefix("1") }.count == unscored.count)
    }
}
