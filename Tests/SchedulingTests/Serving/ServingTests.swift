import Domain
import Foundation
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

struct ServingTests {
    private func prompts(_ model: ServedModel, stores: Bool = false) -> SampleRequest {
        SampleRequest(
            model: model,
            prompts: [.text("a"), .text("b")],
            groupSize: 2,
            seed: 7,
            stores: stores
        )
    }

    @Test func `requests for one model share a worker`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let before = bench.launcher.launches.count
        async let first = plane.sample(prompts(.model("tiny")))
        async let second = plane.sample(prompts(.model("tiny")))
        #expect(try await first == second)
        #expect(bench.launcher.launches.count == before + 1)
    }

    @Test func `stored rollouts get ids and can be read`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let groups = try await plane.sample(prompts(.model("tiny"), stores: true))
        #expect(groups.flatMap(\.ids).count == 4)
        let stored = try await plane.rollout(groups[1].ids[0])
        #expect(stored.rollout == groups[1].rollouts[0])
        #expect(stored.purpose == .request)
    }

    @Test func `the best of many by a reward are returned, with what they were chosen from`()
        async throws
    {
        let bench = try await Bench()
        let plane = try await bench.plane()
        var request = prompts(.model("tiny"))
        request.groupSize = 12
        let all = try await plane.sample(request)
        (request.groupSize, request.strategy) = (2, .bestOf(candidates: 12))
        let reward: Value = ["name": "model", "model": "judge"]
        let none = await #expect(throws: HoneError.self) { try await plane.sample(request) }
        #expect(none?.param == "reward")
        request.reward = reward
        let best = try await plane.sample(request)
        for (group, whole) in zip(best, all) {
            let scores = try await plane.score(
                reward: reward,
                items: whole.rollouts.map { .init(prompt: "ab", completion: $0.text) }
            )
            #expect(scores.count == 12)
            #expect(group.candidates == 12 && group.acceptance == nil)
            #expect(group.rollouts.allSatisfy(whole.rollouts.contains))
            let found = group.results.compactMap(\.score)
            #expect(found.count == 2 && found[0] >= found[1])
        }
        request.strategy = .rejection(candidates: 12, beta: 0.5)
        let accepted = try await plane.sample(request)
        #expect(accepted == (try await plane.sample(request)))
        #expect(accepted.allSatisfy { ($0.acceptance ?? 2) <= 1 && $0.rollouts.count == 2 })
    }

    @Test func `the least recently used model makes room`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        for name in ["tiny", "one", "one@1", "tiny"] {
            _ = try await plane.sample(prompts(.model(name)))
            #expect(await plane.workers().count <= 2)
        }
    }

    @Test func `a run's newest checkpoint and RUN at ITERATION are served`() async throws {
        let bench = try await Bench()
        _ = try await bench.complete(bench.online())
        let plane = try await bench.plane()
        let newest = try await plane.sample(prompts(.run("one")))
        #expect(newest == (try await plane.sample(prompts(.model("one@2")))))
        #expect(newest[0].rollouts[0].policyVersion == 4)
        #expect(
            try await plane.sample(prompts(.model("one@1")))[0].rollouts[0].policyVersion == 2
        )
    }

    @Test func `a lost serving worker is replaced and asked again`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let losses = Mutex(0)
        bench.launcher.interfere { moment, _, request throws(HoneError) in
            guard case .sample = request, moment == .before else { return }
            let isFirst = losses.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { throw PseudoLauncher.lost }
        }
        #expect(try await plane.sample(prompts(.model("tiny"))).count == 2)
    }

    @Test func `idle workers are closed`() async throws {
        let launcher = PseudoLauncher()
        let bench = try await Bench()
        let pool = ServingPool(
            launcher: launcher,
            limit: 2,
            idleTime: .zero,
            deadline: .seconds(1)
        )
        let model = ServingPool.Model.policy(
            folder: "\(bench.folder)/data/models/tiny",
            checkpoint: nil,
            version: 0
        )
        _ = try await pool.request(.decode(.init(sequences: [])), of: model)
        #expect(await pool.statuses.count == 1)
        await pool.closeIdle()
        #expect(await pool.statuses.isEmpty)
    }

    @Test func `log-probabilities cover the whole sequence but its first token`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let results = try await plane.logprobs(
            model: .model("tiny"),
            items: [
                LogprobItem(prompt: .text("ab"), completion: "cd"), LogprobItem(prompt: .text("a")),
            ]
        )
        #expect(results[0].tokens.count == 4)
        #expect(results[0].logprobs.count == 4)
        #expect(results[0].logprobs[0] == nil && results[0].logprobs[1] != nil)
        #expect(results[0].promptLength == 2)
        #expect(results[1].logprobs == [nil])
    }

    @Test func `unknown names are answered with the nearest`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        let error = await #expect(throws: HoneError.self) {
            try await plane.sample(prompts(.model("tinny")))
        }
        #expect(error?.code == .unknownModel)
        #expect(error?.message.contains("\"tiny\"") == true)
    }
}
