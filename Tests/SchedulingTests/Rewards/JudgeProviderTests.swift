import Domain
import Foundation
import Rewards
import Testing
import WorkerProtocol

@testable import Scheduling

struct JudgeProviderTests {
    private static let pairwise: Value = [
        "name": "judge", "model": "m", "template": "{a}|{b}", "chat": false,
    ]

    private func inputs(_ texts: [String]) -> [RewardInput] {
        texts.map { RewardInput(prompt: "p", completion: $0) }
    }

    private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    @Test func `both orders are asked and averaged, and the liking for a place cancels out`()
        async throws
    {
        let evaluator = try RewardEvaluator(Self.pairwise, path: "$")
        let host = FakeRewardHost.judge()
        let scores = try await evaluator.score(inputs(["aaa", "a", "aa"]), from: host)
        // P(i beats j) = mean of σ(lead + 1) and 1 − σ(−lead + 1).
        func p(_ lead: Double) -> Double { (logistic(lead + 1) + 1 - logistic(-lead + 1)) / 2 }
        let expected = [(p(2) + p(1)) / 2, (p(-2) + p(-1)) / 2, (p(-1) + p(1)) / 2]
        for (score, wanted) in zip(scores, expected) {
            #expect(abs((score.value ?? .nan) - wanted) < 1e-6)
        }
        #expect(abs(expected[2] - 0.5) < 1e-12)
        #expect(host.requests == ["encode", "logprobs"])
    }

    @Test func `items of other prompts are other groups`() async throws {
        let evaluator = try RewardEvaluator(Self.pairwise, path: "$")
        var items = inputs(["aaa", "a"])
        items.append(RewardInput(prompt: "q", completion: "aa"))
        let scores = try await evaluator.score(items, from: FakeRewardHost.judge())
        #expect(abs((scores[0].value ?? 0) + (scores[1].value ?? 0) - 1) < 1e-6)
        #expect(scores[2].value == nil)
        #expect(scores[2].reason?.contains("there are none") == true)
    }

    @Test func `a text that is too long leaves only itself unscored`() async throws {
        let spec: Value = [
            "name": "judge", "model": "m", "mode": "pointwise", "template": "{completion}",
            "measure": "log_odds",
        ]
        let evaluator = try RewardEvaluator(spec, path: "$")
        let host = FakeRewardHost.judge(limit: 4)
        let scores = try await evaluator.score(inputs(["a", "aaaaaa", "aaa"]), from: host)
        #expect(scores.map(\.value) == [2, nil, 4])
        #expect(scores[1].reason?.contains("too long") == true)
        #expect(!scores[1].mayComeLater)
    }

    @Test func `a model without a chat template reads raw text, unless a chat was asked for`()
        async throws
    {
        let spec: [String: Value] = [
            "name": "judge", "model": "m", "mode": "pointwise", "template": "{completion}",
            "measure": "log_odds",
        ]
        let host = FakeRewardHost.judge(hasTemplate: false)
        let open = try RewardEvaluator(.object(spec), path: "$")
        #expect(try await open.score(inputs(["a"]), from: host)[0].value == 2)
        let chat = try RewardEvaluator(.object(spec.merging(["chat": true]) { $1 }), path: "$")
        #expect(try await chat.score(inputs(["a"]), from: host)[0].reason == "no chat template")
    }

    @Test func `many questions go in several requests`() async throws {
        let evaluator = try RewardEvaluator(Self.pairwise, path: "$")
        let host = FakeRewardHost.judge()
        let texts = (0..<12).map { String(repeating: "a", count: $0 + 1) }
        let scores = try await evaluator.score(inputs(texts), from: host)
        // 66 comparisons in both orders.
        #expect(host.requests.filter { $0 == "logprobs" }.count == 3)
        #expect(zip(scores, scores.dropFirst()).allSatisfy { ($0.value ?? 2) < ($1.value ?? -1) })
    }

    @Test func `a lost worker is an error, not a missing score`() async throws {
        let evaluator = try RewardEvaluator(Self.pairwise, path: "$")
        let host = FakeRewardHost { (_, _) throws(HoneError) in throw PseudoLauncher.lost }
        await #expect(throws: HoneError.self) {
            try await evaluator.score(inputs(["a", "b"]), from: host)
        }
    }

    @Test func `a preference model is asked for whole groups`() async throws {
        let evaluator = try RewardEvaluator(["name": "preference_model", "model": "p"], path: "$")
        let host = FakeRewardHost { (model, request) throws(HoneError) in
            guard case .compare(let order) = request, model == .reward("p") else {
                throw HoneError(.internalError, "not asked")
            }
            // A circle: each beats the one after it.
            return .compared(
                order.groups.map { group in
                    group.indices.map { row in
                        Packed(
                            group.indices.map { column in
                                let ahead = (column - row + group.count) % group.count
                                return ahead == 0 ? 0.5 : ahead == 1 ? 0.75 : 0.25
                            }
                        )
                    }
                }
            )
        }
        let scores = try await evaluator.score(inputs(["a", "b", "c"]), from: host)
        #expect(scores.map(\.value) == [0.5, 0.5, 0.5])
        let pair = try await evaluator.score(inputs(["a", "b"]), from: host)
        #expect(pair.map(\.value) == [0.75, 0.25])
    }

    @Test func `a labelling model's most probable label decides`() async throws {
        let spec: Value = [
            "name": "grader",
            "grader": [
                "type": "label_model", "name": "kind", "model": "m",
                "input": [["role": "user", "content": "{{sample.output_text}}|{{item.rival}}"]],
                "labels": ["good", "bad"], "passing_labels": ["good"],
            ],
        ]
        let evaluator = try RewardEvaluator(spec, path: "$")
        let items = ["aaa", "a", "aa"].map {
            RewardInput(prompt: "p", completion: $0, item: ["rival": "aaa"])
        }
        var scores = try await evaluator.score(items, from: FakeRewardHost.judge())
        #expect(scores.map(\.value) == [1, 0, 1])
        scores = try await evaluator.score(inputs(["a"]), from: FakeRewardHost.judge())
        #expect(scores[0].reason == "there is no item.rival")
    }
}
