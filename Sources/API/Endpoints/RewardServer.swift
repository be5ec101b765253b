import APITypes
import Domain
import HTTP
import Scheduling

extension EndpointTable {
    /// Hone as other trainers' reward server, in the shapes of OpenRLHF, vLLM and LLaMA-Factory.
    static let rewardServer: [Endpoint] =
        [
            scoring(
                "/get_reward",
                "Score texts for OpenRLHF; a text without a score is an error.",
                GetRewardRequest.schema,
                RewardServerSchemas.rewards
            ) { call in
                let request = try GetRewardRequest(call.body)
                let server = try await RewardServing(call, model: request.model)
                let results = try await server.results(request.texts)
                let scores = results.map { Value.number(server.share($0.0)) }
                return .json(
                    JSONText.data([
                        "rewards": .array(results.map { .number($0.0) }),
                        "scores": .array(scores),
                        "extra_logs": .object(logs(results.map(\.1))),
                    ])
                )
            },
            scoring(
                "/v1/score/evaluation",
                "Score whole texts for LLaMA-Factory.",
                ScoreEvaluationRequest.schema,
                RewardServerSchemas.evaluation
            ) { call in
                let request = try ScoreEvaluationRequest(call.body)
                let server = try await RewardServing(call, model: request.model)
                let scores = try await server.scores(request.texts, isActivated: false)
                return server.reply(
                    "score",
                    ["object": "score.evaluation", "scores": .array(scores.map { .number($0) })]
                )
            },
        ]
        + ["/score", "/v1/score"].map { path in
            scoring(
                path,
                "Score completions (text_2) of prompts (text_1), as vLLM does.",
                PairScoreRequest.schema,
                RewardServerSchemas.scores,
                perform: pairs
            )
        }
        + [
            scoring(
                "/classify",
                "Score whole texts, as vLLM classifies by one class.",
                ClassifyRequest.schema,
                RewardServerSchemas.classes,
                perform: classes
            )
        ]
        + ["/rerank", "/v1/rerank", "/v2/rerank"].map { path in
            scoring(
                path,
                "Documents in the order of their rewards, as vLLM ranks them.",
                RerankRequest.schema,
                RewardServerSchemas.ranking,
                perform: ranking
            )
        }

    private static func pairs(_ call: EndpointCall) async throws -> HTTPResponse {
        let request = try PairScoreRequest(call.body)
        let server = try await RewardServing(call, model: request.model)
        let scores = try await server.scores(request.texts, isActivated: request.isActivated)
        return server.list(
            "score",
            scores.enumerated().map { index, score in
                ["index": .integer(index), "object": "score", "score": .number(score)]
            }
        )
    }

    private static func classes(_ call: EndpointCall) async throws -> HTTPResponse {
        let request = try ClassifyRequest(call.body)
        let server = try await RewardServing(call, model: request.model)
        let scores = try await server.scores(request.texts, isActivated: request.isActivated)
        return server.list(
            "classify",
            scores.enumerated().map { index, score in
                [
                    "index": .integer(index), "label": "LABEL_0",
                    "probs": .array([.number(score)]), "num_classes": 1,
                ]
            }
        )
    }

    private static func ranking(_ call: EndpointCall) async throws -> HTTPResponse {
        let request = try RerankRequest(call.body)
        let server = try await RewardServing(call, model: request.model)
        let scores = try await server.scores(request.texts, isActivated: false)
        let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
        let results = order.prefix(request.count).map { index -> Value in
            [
                "index": .integer(index), "relevance_score": .number(scores[index]),
                "document": ["text": .string(request.texts[index].completion)],
            ]
        }
        return server.reply("rerank", ["results": .array(results)])
    }

    /// The parts of the rewards by name: those that every text has, because clients make tensors of
    /// them.
    private static func logs(_ results: [RewardResult]) -> [String: Value] {
        var names = Set(results.first?.components.keys.map { $0 } ?? [])
        for result in results { names.formIntersection(result.components.keys) }
        var logs: [String: Value] = [:]
        for name in names {
            logs[name] = whole(results.map { $0.components[name] ?? nil })
        }
        if let uncertainty = whole(results.map(\.uncertainty)) { logs["uncertainty"] = uncertainty }
        return logs
    }

    private static func whole(_ numbers: [Double?]) -> Value? {
        let known = numbers.compactMap { $0 }.filter(\.isFinite)
        return known.count == numbers.count ? .array(known.map { .number($0) }) : nil
    }

    private static func scoring(
        _ path: String,
        _ summary: String,
        _ request: Schema,
        _ reply: Schema,
        perform: @escaping @Sendable (EndpointCall) async throws -> HTTPResponse
    ) -> Endpoint {
        Endpoint(
            .post,
            path,
            summary,
            needs: .generate,
            request: request,
            reply: .json(reply),
            errors: [.unknownReward, .unknownModel, .unscored, .workerLost],
            maxBodyBytes: 64 << 20,
            handle: perform
        )
    }
}
