import Domain
import Foundation
import Statistics
import Store
import Testing

@testable import Scheduling

/// What a run measures of its held-out prompts and pairs.
struct RunQualityTests {
    private static let time = Date(timeIntervalSince1970: 0)

    private func record(
        _ prompt: Int,
        _ sample: Int,
        reward: Double?,
        tokens: [Int32] = [1, 2, 3],
        logprob: Float = -1,
        reference: Float? = nil
    ) -> RolloutRecord {
        RolloutRecord(
            id: 0,
            runID: "run-1",
            purpose: .evaluation,
            iteration: 0,
            unit: 0,
            promptIndex: prompt,
            sampleIndex: sample,
            prompt: .text("p"),
            rollout: Rollout(
                promptTokens: [1],
                completionTokens: tokens,
                text: "",
                logprobs: tokens.map { _ in logprob },
                samplingLogprobs: [],
                referenceLogprobs: reference.map { value in tokens.map { _ in value } } ?? [],
                policyVersion: 0,
                stopReason: .endToken
            ),
            scores: [ScoreRecord(reward: ScoreRecord.trained, score: reward)],
            createdAt: Self.time
        )
    }

    @Test func `quality is what the formulas say`() throws {
        let now = [
            record(0, 0, reward: 1, reference: -1.5), record(0, 1, reward: 3, reference: -1.5),
            record(1, 0, reward: 2, tokens: [1, 2, 4], reference: -1.5),
            record(1, 1, reward: nil, reference: -1.5),
        ]
        let start = [
            record(0, 0, reward: 0), record(0, 1, reward: 3), record(1, 0, reward: 5),
            record(1, 1, reward: 1),
        ]
        let found = RolloutMetrics.quality(now, against: start)
        #expect(found["evaluation/entropy"] == 1)
        let k3 = try #require(found["evaluation/kl_k3"])
        #expect(abs(k3 - 3 * DivergenceEstimate.k3(0.5)) < 1e-9)
        // [1 2] four times, [2 3] three times, [2 4] once.
        #expect(found["evaluation/distinct_2"] == 3.0 / 8)
        #expect(found["evaluation/reward_best_of_n"] == 2.5)
        #expect(found["evaluation/win_rate"] == 0.5)
        #expect(found["evaluation/reward_half_width"] == 0)
        let alone = RolloutMetrics.quality([record(0, 0, reward: 1)], against: [])
        #expect(alone["evaluation/win_rate"] == nil)
        #expect(alone["evaluation/reward_best_of_n"] == nil)
        #expect(alone["evaluation/kl_k3"] == nil)
    }

    @Test func `balance is of successes only`() {
        let group = [
            record(0, 0, reward: 1), record(0, 1, reward: 1), record(0, 2, reward: 0),
            record(0, 3, reward: 1, tokens: [9]), record(0, 4, reward: nil),
        ]
        // Two different right ones of eight wanted, of four scored.
        let expected: Double = 0.125
        #expect(RolloutMetrics.balance(group) == expected)
        #expect(RolloutMetrics.balance(group + [record(1, 0, reward: 0.5)]) == nil)
    }

    @Test func `held-out pairs are ranked at every evaluation, the same after a crash`()
        async throws
    {
        let bench = try await Bench()
        var spec = bench.online()
        let file = try bench.file(
            "pairs.jsonl",
            (0..<40).map { #"{"prompt":"p\#($0)","chosen":"good \#($0)","rejected":"bad"}"# }
        )
        spec.evaluation?.pairs = .file(file)
        let run = try await bench.complete(spec)
        #expect(run.state == .succeeded)
        let plane = try await bench.plane()
        let iterations = try await plane.metrics(run.id)
        #expect(iterations.count == 3)
        for iteration in iterations {
            let metrics = iteration.metrics
            let ranked = try #require(metrics["evaluation/ranking_accuracy"])
            #expect(ranked >= 0 && ranked <= 1)
            #expect(metrics["evaluation/ranking_accuracy_per_token"] != nil)
            #expect(metrics["evaluation/implicit_accuracy"] != nil)
            #expect(metrics["evaluation/entropy"] != nil)
            #expect((metrics["evaluation/win_rate"] != nil) == (iteration.iteration > 0))
        }
        // The policy begins as its reference.
        #expect(iterations[0].metrics["evaluation/implicit_margin"] == 0)
        #expect(iterations[0].metrics["evaluation/implicit_accuracy"] == 0.5)
        #expect(iterations[2].metrics["evaluation/implicit_margin"] != 0)
        await plane.shutdown()
    }

    @Test(arguments: [RunKind.online, .offline])
    func `pairs alone are ranked, and nothing is drawn for them`(_ kind: RunKind) async throws {
        let bench = try await Bench()
        var spec = bench.online()
        spec.checkpointEvery = 2
        if kind == .offline {
            spec.kind = .offline
            (spec.prompts, spec.reward) = (nil, nil)
            spec.data = .items(
                (0..<6).map {
                    [
                        "prompt": .string("p\($0)"), "chosen": "good",
                        "rejected": .string("no \($0)"),
                    ]
                }
            )
        }
        var evaluation = EvaluationSpec()
        evaluation.every = 2
        evaluation.pairs = .items([
            ["prompt": "p", "chosen": "a", "rejected": "b"],
            ["prompt": "q", "chosen": "c", "rejected": "d"],
        ])
        spec.evaluation = evaluation
        spec.iterations = 3
        let first = bench.launcher.requests.count
        #expect(try await bench.complete(spec).state == .succeeded)
        let requests = bench.launcher.requests[first...]
        #expect(requests.contains("sample") == (kind == .online))
        let plane = try await bench.plane()
        let iterations = try await plane.metrics("one")
        // The start, every second one and the last; the third is the last.
        let ranked = iterations.filter { $0.metrics["evaluation/ranking_accuracy"] != nil }
        #expect(ranked.map(\.iteration) == [0, 2, 3])
        #expect(ranked[0].metrics["evaluation/implicit_margin"] == 0)
        #expect(iterations.allSatisfy { $0.metrics["evaluation/reward_mean"] == nil })
        if kind == .online {
            #expect(iterations.dropFirst().allSatisfy { $0.metrics["policy/kl"] != nil })
        }
        await plane.shutdown()
        let expected = try await Remains(of: "run-1", in: bench)
        let again = try await Bench()
        let middle = first + requests.count / 2
        let dying = try await again.plane()
        again.launcher.interfere { moment, number, _ throws(HoneError) in
            if moment == .after && number == middle { await dying.shutdown() }
        }
        _ = try await dying.submit(spec)
        await dying.run()
        again.launcher.interfere(with: nil)
        try await again.drive(try await again.plane(), until: "run-1")
        #expect(try await Remains(of: "run-1", in: again) == expected)
    }

    @Test func `pairs that cannot be read, or that nobody ranks, are faults`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        var spec = bench.online()
        spec.evaluation?.pairs = .items([["prompt": "p", "chosen": "a", "rejected": "a"]])
        var faults = try await plane.validate(spec).faults
        #expect(faults.map(\.path) == ["$.evaluation.pairs"])
        spec.kind = .rewardModel
        faults = try await plane.validate(spec).faults
        let fault = faults.first { $0.path == "$.evaluation.pairs" }
        #expect(fault?.message.contains("holdout") == true)
    }

    @Test func `curves are fitted over the distance, and tell the trained reward from others`()
        throws
    {
        let gold: (Double) -> Double = { 1 + $0 * (0.9 - 0.6 * log($0)) }
        let iterations = (0...5).map { place in
            let distance = Double(place)
            return IterationRecord(
                iteration: place,
                metrics: [
                    "evaluation/kl": place == 0 ? -0.01 : distance * distance,
                    "evaluation/reward_mean": 0.5 + 0.4 * distance,
                    "evaluation/gold_mean": place == 0 ? 1 : gold(distance),
                ],
                finishedAt: Self.time
            )
        }
        let curves = RewardCurve.curves(iterations)
        #expect(curves.map(\.reward) == ["reward", "gold"])
        #expect(abs(curves[0].fit.alpha - 0.4) < 1e-9 && abs(curves[0].fit.beta) < 1e-9)
        #expect(curves[0].slope > 0 && curves[0].distance == 5)
        #expect(abs(curves[1].fit.beta - 0.6) < 1e-9 && curves[1].slope < 0)
        let peak = try #require(curves[1].fit.peakDistance)
        #expect(abs(peak - exp(0.5)) < 1e-9)
        #expect(RewardCurve.curves(Array(iterations.prefix(3))).isEmpty)
        #expect(RewardCurve.curves([]).isEmpty)
    }
}
