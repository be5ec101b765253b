import APITypes
public import Domain
import Presentation
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
        let scores = try results.map { try JSONText.value(of: ScoreObject($0)) }
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
}
