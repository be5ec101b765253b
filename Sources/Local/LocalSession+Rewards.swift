import APITypes
public import Domain
import Scheduling

/// The line-by-line command about rewards.
extension LocalSession {
    /// Scores one line by a reward as written in a spec.
    ///
    /// A line is `{"prompt", "completion"}`, answered by a score, or `{"prompt", "completions": […]}`,
    /// which rewards that compare need, answered by `{"scores": […]}`; `item` holds further fields for
    /// graders.
    public func score(_ line: Value, reward: Value) async throws -> Value {
        let checked = try Self.scored.check(line)
        let one = checked["completion"]?.stringValue
        let several = (checked["completions"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard (one == nil) != several.isEmpty else {
            throw HoneError(
                .invalidRequest,
                "a line has either \"completion\" or \"completions\""
            )
        }
        let results = try await control.score(
            reward: reward,
            items: (one.map { [$0] } ?? several).map {
                RewardItem(
                    prompt: checked["prompt"]?.stringValue ?? "",
                    completion: $0,
                    item: checked["item"] ?? .object([:])
                )
            }
        )
        let scores = results.map(Self.value)
        guard one != nil else { return ["scores": .array(scores)] }
        guard let first = scores.first else {
            throw HoneError(.internalError, "no score was given")
        }
        return first
    }

    // Open: lines of data files carry notes of their own.
    private static let scored = Schema.openObject([
        .field("prompt", .string, default: "", "What the completion answers."),
        .optional("completion", .string, "The text to score."),
        .optional("completions", .list(.string), "Texts to score together."),
        .optional("item", .openObject([]), "Further fields of the prompt's record, for graders."),
    ])

    private static func value(_ result: RewardResult) -> Value {
        var fields: [String: Value] = [
            "score": result.score.map { .number($0) } ?? .null,
            "components": .object(
                result.components.mapValues { part in part.map { .number($0) } ?? .null }
            ),
        ]
        fields["uncertainty"] = result.uncertainty.map { .number($0) }
        fields["reason"] = result.reason.map { .string($0) }
        if !result.tokenRewards.isEmpty {
            fields["token_rewards"] = .array(result.tokenRewards.map { .number(Double($0)) })
        }
        return .object(fields)
    }
}
