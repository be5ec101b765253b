public import Domain
import Foundation

/// `POST /get_reward`: OpenRLHF's remote reward model.
public struct GetRewardRequest: Sendable, Hashable {
    /// A reward model's name; `nil` for the server's own reward.
    public var model: String?
    /// What to score, in the order of `query`.
    public var texts: [ScoredText]

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        let queries = ScoredText.texts(checked["query"])
        let prompts = ScoredText.texts(checked["prompts"])
        let labels = checked["labels"]?.arrayValue ?? []
        for (name, count) in [("prompts", prompts.count), ("labels", labels.count)]
        where count != 0 && count != queries.count && faults.isEmpty {
            let message = "must have as many elements as query, \(queries.count), not \(count)"
            faults.append(Fault(path: "$.\(name)", message: message))
        }
        if !faults.isEmpty { throw Faults(faults) }
        var texts: [ScoredText] = []
        for (index, query) in queries.enumerated() {
            let prompt = prompts.isEmpty ? "" : prompts[index]
            guard let completion = Self.completion(of: query, after: prompt) else {
                let message = "is not part of query[\(index)], which must be prompt and completion"
                faults.append(Fault(path: "$.prompts[\(index)]", message: message))
                continue
            }
            let label = labels.isEmpty || labels[index] == .null ? nil : labels[index]
            texts.append(ScoredText(prompt: prompt, completion: completion, label: label))
        }
        if !faults.isEmpty { throw Faults(faults) }
        model = ScoredText.model(checked)
        self.texts = texts
    }

    /// What tokenizers write at the end of a sequence that is decoded with its special tokens.
    ///
    /// Ends of text and of turn, and what batches are filled up with: no part of what was said.
    public static let endMarks = [
        "</s>", "<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "<eos>",
        "<end_of_turn>", "<pad>", "<|pad|>", "[PAD]",
    ]

    /// What follows the prompt in a decoded sequence, without end marks.
    ///
    /// Before the prompt there may be a mark of the text's beginning. `nil`: the prompt is not there.
    static func completion(of query: String, after prompt: String) -> String? {
        var rest = Substring(query)
        if !prompt.isEmpty {
            guard let found = query.range(of: prompt, options: .literal) else { return nil }
            rest = query[found.upperBound...]
        }
        while let mark = endMarks.first(where: { rest.trimmedEnd.hasSuffix($0) }) {
            rest = rest.trimmedEnd.dropLast(mark.count)
        }
        return String(rest)
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "GetRewardRequest",
        .openObject([
            .required("query", ScoredText.schema, "Prompt and completion, as one text each."),
            .optional(
                "prompts",
                .nullable(.list(.string, count: 0...ScoredText.limit)),
                "The prompts; each is a part of its query. Without them a query is all completion."
            ),
            .optional(
                "labels",
                .nullable(.list(.any, count: 0...ScoredText.limit)),
                "Right answers: `{{item.label}}` of graders."
            ),
            ScoredText.model,
        ])
    )
}

extension Substring {
    /// Without blanks and line ends behind the last other character.
    fileprivate var trimmedEnd: Substring {
        guard let last = lastIndex(where: { !$0.isWhitespace }) else { return Substring() }
        return self[...last]
    }
}
