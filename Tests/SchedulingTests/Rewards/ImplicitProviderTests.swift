import Domain
import Rewards
import Testing
import WorkerProtocol

@testable import Scheduling

struct ImplicitProviderTests {
    private static let reward: Value = ["name": "implicit", "model": "m", "beta": 0.5]

    /// A model that gives a token minus a quarter of itself, nat, beside a reference that gives it -1.
    private func host(limit: Int = .max) -> FakeRewardHost {
        FakeRewardHost { (model, request) throws(HoneError) in
            guard model == .compared("m", reference: nil) else {
                throw HoneError(.internalError, "another model")
            }
            switch request {
            case .encode(let order):
                return .encoded(
                    order.items.map { item in
                        let text = (item.completion ?? "").utf8.map { Int32($0) - 96 }
                        return .init(
                            promptTokens: Packed([7]),
                            completionTokens: Packed(text + (item.ends ? [0] : [])),
                            renderedPrompt: ""
                        )
                    }
                )
            case .logprobs(let order):
                let completions = order.groups.flatMap(\.completions).map(\.elements)
                if completions.contains(where: { $0.count > limit }) {
                    throw HoneError(.promptTooLong, "a sequence is too long")
                }
                return .logprobs(
                    order.groups.map { group in
                        group.completions.map { tokens in
                            Packed(
                                tokens.elements.map {
                                    order.source == .reference ? -1 : -Float($0) / 4
                                }
                            )
                        }
                    }
                )
            default: throw HoneError(.internalError, "not asked")
            }
        }
    }

    @Test func `a text is tokenised by the model and takes its end token`() async throws {
        let evaluator = try RewardEvaluator(Self.reward, path: "$")
        let host = host()
        let scores = try await evaluator.score(
            [
                RewardInput(prompt: "p", completion: "ab"),
                RewardInput(prompt: "p", completion: "h"),
            ],
            from: host
        )
        // (-1/4 + 1)/2, (-2/4 + 1)/2, and 1/2 for the end; then (-8/4 + 1)/2 and the end.
        #expect(scores.map(\.tokens) == [[0.375, 0.25, 0.5], [-0.5, 0.5]])
        #expect(scores.map(\.value) == [1.125, 0])
        #expect(host.requests == ["encode", "logprobs", "logprobs"])
    }

    @Test func `a run's completion is scored on the tokens that were drawn`() async throws {
        let evaluator = try RewardEvaluator(Self.reward, path: "$")
        var drawn = RewardInput(prompt: "p", completion: "other")
        drawn.promptTokens = [1, 2]
        drawn.completionTokens = [4, 8]
        var empty = drawn
        empty.completionTokens = []
        let host = host()
        let scores = try await evaluator.score(
            groups: [RewardGroup([drawn, empty, drawn])],
            from: host
        )
        #expect(scores[0].map(\.tokens) == [[0, -0.5], [], [0, -0.5]])
        #expect(scores[0].map(\.value) == [-0.5, nil, -0.5])
        #expect(host.requests == ["logprobs", "logprobs"])
    }

    @Test func `a completion that is too long leaves only itself unscored`() async throws {
        let evaluator = try RewardEvaluator(Self.reward, path: "$")
        let scores = try await evaluator.score(
            ["a", "abcdef", "b"].map { RewardInput(prompt: "p", completion: $0) },
            from: host(limit: 3)
        )
        #expect(scores.map(\.value) == [0.875, nil, 0.75])
        #expect(scores[1].reason == "a sequence is too long" && scores[1].tokens.isEmpty)
    }
}
