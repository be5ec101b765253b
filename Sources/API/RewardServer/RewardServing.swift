import APITypes
import Domain
import Foundation
import HTTP
import Presentation
import Scheduling
import Store

/// Scores texts for another trainer, by the reward it names or the server's own.
struct RewardServing {
    let call: EndpointCall
    /// What the client called it, or what it is.
    let name: String
    private let reward: Value

    /// Finds the reward of a model's name; `nil` is the server's own reward.
    ///
    /// - Throws: `unknown_reward` when nothing says which reward is meant, `unknown_model`.
    init(_ call: EndpointCall, model: String?) async throws(HoneError) {
        self.call = call
        guard let model else {
            guard let served = call.context.servedReward?.entry else {
                throw HoneError(
                    .unknownReward,
                    "no reward is named: put a reward model's name into \"model\", or start honed "
                        + "with --serve-reward",
                    param: "model"
                )
            }
            reward = served
            name = served["model"]?.stringValue ?? served["name"]?.stringValue ?? "reward"
            return
        }
        let record = try await call.control.model(model)
        let compares = record.rewardKind?.compares ?? false
        reward = ["name": compares ? "preference_model" : "model", "model": .string(model)]
        name = model
    }

    /// Whether scores are log-odds rather than shares: a reward model's own.
    var isUnbounded: Bool { reward["name"]?.stringValue == "model" }

    /// The results of texts, each with a finite score.
    ///
    /// - Throws: `unscored` with the place and the reason of the first text that has none: a number
    ///   in its place would be trained on.
    func results(_ texts: [ScoredText]) async throws(HoneError) -> [(Double, RewardResult)] {
        let results = try await call.control.score(
            reward: reward,
            items: texts.map { text in
                RewardItem(
                    prompt: text.prompt,
                    completion: text.completion,
                    item: .object(text.label.map { ["label": $0] } ?? [:])
                )
            }
        )
        let missing = results.indices.filter { results[$0].score?.isFinite != true }
        if let first = missing.first {
            let reason = results[first].reason ?? "the reward \"\(name)\" gave no number"
            let more = missing.count > 1 ? " (and \(missing.count - 1) more)" : ""
            throw HoneError(
                .unscored,
                "text \(first) could not be scored: \(reason)\(more)",
                param: String(first)
            )
        }
        return results.map { ($0.score ?? .nan, $0) }
    }

    /// The scores alone, through the logistic function where that is asked for.
    func scores(_ texts: [ScoredText], isActivated: Bool) async throws(HoneError) -> [Double] {
        try await results(texts).map { isActivated ? sigmoid($0.0) : $0.0 }
    }

    /// A reward from 0 to 1: a reward model's through the logistic function, others cut off there.
    func share(_ score: Double) -> Double {
        isUnbounded ? sigmoid(score) : min(1, max(0, score))
    }

    /// A reply that has an id, the model's name and further fields.
    func reply(_ kind: String, _ fields: [String: Value]) -> HTTPResponse {
        var fields = fields
        fields["id"] = .string("\(kind)-\(UUID().uuidString.lowercased())")
        fields["model"] = .string(name)
        return .json(JSONText.data(.object(fields)))
    }

    /// Such a reply around a list, as vLLM writes it.
    func list(_ kind: String, _ data: [Value]) -> HTTPResponse {
        reply(
            kind,
            [
                "object": "list", "created": .integer(Date().unixSeconds), "data": .array(data),
            ]
        )
    }
}
