public import Domain

/// The shapes of other programs' files of verdicts.
public enum FeedbackFormat: String, Sendable, Hashable, CaseIterable {
    /// Hugging Face TRL: `{"prompt", "chosen", "rejected"}`, `{"prompt", "completion", "label"}`, and ours
    /// for ratings, ranked lists and demonstrations.
    case trl
    /// OpenAI's preference data.
    case openai
    /// Label Studio's tasks with annotations, of a `<Pairwise>`.
    case labelStudio = "label_studio"
    /// Argilla's records with responses.
    case argilla
    /// Anthropic's hh-rlhf: whole dialogues, chosen and rejected.
    case hhRLHF = "hh_rlhf"
}

// MARK: - Writing

extension FeedbackFormat {
    /// A verdict as a record; `nil` where the format has no word for it.
    public func record(_ feedback: FeedbackObject) -> Value? {
        let texts = feedback.subjects.map(\.text)
        if feedback.kind == "pairwise", texts.count == 2 {
            return pair(feedback, texts)
        }
        guard self == .trl else { return nil }
        var fields: [String: Value] = ["prompt": feedback.prompt]
        switch feedback.kind {
        case "binary": fields["label"] = feedback.value
        case "rating": fields["rating"] = feedback.value
        case "demonstration": return ["prompt": feedback.prompt, "completion": feedback.value]
        case "ranking":
            fields["completions"] = .array(texts.map { .string($0) })
            fields["ranks"] = feedback.value
            return .object(fields)
        default: return nil
        }
        fields["completion"] = texts.first.map { .string($0) }
        return .object(fields)
    }

    private func pair(_ feedback: FeedbackObject, _ texts: [String]) -> Value? {
        let word = feedback.value.stringValue
        switch self {
        case .labelStudio: return Self.task(feedback, texts, word)
        case .argilla: return Self.argillaRecord(feedback, texts, word)
        case .trl, .openai, .hhRLHF: break
        }
        guard word == "first" || word == "second" else { return nil }
        let (chosen, rejected) = word == "first" ? (texts[0], texts[1]) : (texts[1], texts[0])
        switch self {
        case .trl:
            var fields: [String: Value] = [
                "prompt": feedback.prompt, "chosen": .string(chosen), "rejected": .string(rejected),
            ]
            // How sure a person is, as the chance that the chosen one is truly better.
            fields["preference_probability"] = feedback.strength.map { .number(0.5 + $0 / 2) }
            return .object(fields)
        case .openai:
            func answer(_ text: String) -> Value {
                [["role": "assistant", "content": .string(text)]]
            }
            return [
                "input": ["messages": .array(Self.messages(feedback.prompt))],
                "preferred_output": answer(chosen), "non_preferred_output": answer(rejected),
            ]
        default:
            let dialogue = Self.dialogue(feedback.prompt)
            return [
                "chosen": .string("\(dialogue)\n\nAssistant: \(chosen)"),
                "rejected": .string("\(dialogue)\n\nAssistant: \(rejected)"),
            ]
        }
    }

    private static func messages(_ prompt: Value) -> [Value] {
        prompt.arrayValue ?? [["role": "user", "content": prompt]]
    }

    private static func words(_ prompt: Value) -> String {
        prompt.stringValue ?? prompt.arrayValue?.last?["content"]?.stringValue ?? ""
    }

    private static func dialogue(_ prompt: Value) -> String {
        messages(prompt).map { message in
            let speaker = message["role"]?.stringValue == "assistant" ? "Assistant" : "Human"
            return "\n\n\(speaker): \(message["content"]?.stringValue ?? "")"
        }.joined()
    }

    private static func task(
        _ feedback: FeedbackObject,
        _ texts: [String],
        _ word: String?
    ) -> Value {
        let sides: [String: Value] = ["first": "left", "second": "right"]
        var value: [String: Value] = [:]
        value["selected"] = word.flatMap { sides[$0] }
        var annotation: [String: Value] = [
            "result": [
                [
                    "from_name": "pw", "to_name": "answer1,answer2", "type": "pairwise",
                    "value": .object(value),
                ]
            ]
        ]
        annotation["lead_time"] = feedback.seconds.map { .number($0) }
        return [
            "data": [
                "prompt": .string(words(feedback.prompt)), "answer1": .string(texts[0]),
                "answer2": .string(texts[1]),
            ],
            "annotations": .array([.object(annotation)]),
        ]
    }

    private static func argillaRecord(
        _ feedback: FeedbackObject,
        _ texts: [String],
        _ word: String?
    ) -> Value {
        [
            "fields": [
                "prompt": .string(words(feedback.prompt)), "response1": .string(texts[0]),
                "response2": .string(texts[1]),
            ],
            "responses": [
                [
                    "values": ["preference": ["value": word.map { .string($0) } ?? .null]],
                    "status": "submitted",
                ]
            ],
        ]
    }
}

// MARK: - Reading

extension FeedbackFormat {
    /// The record of a file as an item of `POST /v1/feedback`.
    ///
    /// - Returns: `nil` where it says nothing: a task nobody has judged.
    /// - Throws: what is wrong with it.
    public func item(_ record: Value) throws(HoneError) -> Value? {
        switch self {
        case .trl: try Self.plain(record)
        case .openai:
            try Self.pairwise(
                record["input"]?["messages"] ?? .null,
                record["preferred_output"]?.arrayValue?.last?["content"]?.stringValue,
                record["non_preferred_output"]?.arrayValue?.last?["content"]?.stringValue
            )
        case .hhRLHF: try Self.dialogues(record)
        case .labelStudio: try Self.judged(record)
        case .argilla: try Self.responded(record)
        }
    }

    private static func wrong(_ message: String) -> HoneError { HoneError(.invalidData, message) }

    /// The last message's text, of a list of messages, or the text.
    private static func text(_ value: Value?) -> String? {
        value?.stringValue ?? value?.arrayValue?.last?["content"]?.stringValue
    }

    private static func plain(_ record: Value) throws(HoneError) -> Value? {
        let prompt = record["prompt"] ?? ""
        if record["chosen"] != nil || record["rejected"] != nil {
            guard
                var fields = try pairwise(
                    prompt,
                    text(record["chosen"]),
                    text(record["rejected"])
                ).objectValue
            else { return nil }
            if let sure = record["preference_probability"]?.doubleValue, sure > 0.5, sure <= 1 {
                fields["strength"] = .number(2 * sure - 1)
            }
            return .object(fields)
        }
        if let ranks = record["ranks"], let texts = record["completions"] {
            return ["kind": "ranking", "value": ranks, "prompt": prompt, "completions": texts]
        }
        guard let completion = text(record["completion"]) else {
            throw wrong(
                "has neither chosen and rejected, nor a completion, nor completions and ranks"
            )
        }
        if let label = record["label"] {
            return [
                "kind": "binary", "value": label, "prompt": prompt,
                "completion": .string(completion),
            ]
        }
        if let rating = record["rating"] {
            return [
                "kind": "rating", "value": rating, "prompt": prompt,
                "completion": .string(completion),
            ]
        }
        return ["kind": "demonstration", "value": .string(completion), "prompt": prompt]
    }

    private static func pairwise(
        _ prompt: Value,
        _ chosen: String?,
        _ rejected: String?
    ) throws(HoneError) -> Value {
        guard let chosen, let rejected else { throw wrong("needs a chosen and a rejected text") }
        return [
            "kind": "pairwise", "value": "first", "prompt": prompt == .null ? "" : prompt,
            "completions": [.string(chosen), .string(rejected)],
        ]
    }

    private static func dialogues(_ record: Value) throws(HoneError) -> Value? {
        guard let chosen = record["chosen"]?.stringValue,
            let rejected = record["rejected"]?.stringValue,
            let (prompt, answer) = divided(chosen), let (other, worse) = divided(rejected)
        else {
            throw wrong("needs chosen and rejected dialogues that end with an Assistant's turn")
        }
        guard prompt == other else {
            throw wrong("the dialogues differ before their last answer")
        }
        return try pairwise(.array(turns(prompt)), answer, worse)
    }

    private static let turn = "\n\nAssistant:"

    private static func divided(_ dialogue: String) -> (prompt: String, answer: String)? {
        let parts = dialogue.split(separator: turn, omittingEmptySubsequences: false)
        guard parts.count > 1, let last = parts.last else { return nil }
        return (
            parts.dropLast().joined(separator: turn),
            last.hasPrefix(" ") ? String(last.dropFirst()) : String(last)
        )
    }

    private static func turns(_ dialogue: String) -> [Value] {
        var messages: [Value] = []
        let parts = dialogue.split(separator: "\n\nHuman:", omittingEmptySubsequences: true)
        for part in parts {
            let turns = part.split(separator: turn, omittingEmptySubsequences: false)
            for (place, text) in turns.enumerated() {
                let words = text.hasPrefix(" ") ? text.dropFirst() : text
                messages.append([
                    "role": place == 0 ? "user" : "assistant", "content": .string(String(words)),
                ])
            }
        }
        return messages
    }

    private static func judged(_ record: Value) throws(HoneError) -> Value? {
        let results = record["annotations"]?.arrayValue?.last?["result"]?.arrayValue ?? []
        guard let found = results.first(where: { $0["type"]?.stringValue == "pairwise" }) else {
            return nil
        }
        let data = record["data"]
        let texts = ["answer1", "answer2"].compactMap { data?[$0]?.stringValue }
        guard texts.count == 2 else { throw wrong("data needs answer1 and answer2") }
        let words: [String: Value] = ["left": "first", "right": "second"]
        return [
            "kind": "pairwise",
            "value": found["value"]?["selected"]?.stringValue.flatMap { words[$0] } ?? "tie",
            "prompt": data?["prompt"] ?? "", "completions": .array(texts.map { .string($0) }),
        ]
    }

    private static func responded(_ record: Value) throws(HoneError) -> Value? {
        let response = record["responses"]?.arrayValue?.first {
            $0["status"]?.stringValue != "draft" && $0["status"]?.stringValue != "discarded"
        }
        guard let value = response?["values"]?["preference"]?["value"] else { return nil }
        let fields = record["fields"]
        let texts = ["response1", "response2"].compactMap { fields?[$0]?.stringValue }
        guard texts.count == 2 else { throw wrong("fields needs response1 and response2") }
        let words: [String: Value] = ["response1": "first", "response2": "second"]
        return [
            "kind": "pairwise", "value": value.stringValue.flatMap { words[$0] } ?? value,
            "prompt": fields?["prompt"] ?? "", "completions": .array(texts.map { .string($0) }),
        ]
    }
}

/// A file of verdicts, one JSON value a line.
public enum FeedbackFile {
    /// The lines of those verdicts that the format has words for.
    public static func text(
        _ list: [FeedbackObject],
        _ format: FeedbackFormat
    ) throws(HoneError) -> [UInt8] {
        var bytes: [UInt8] = []
        for feedback in list {
            guard let record = format.record(feedback) else { continue }
            bytes += try JSONText.encode(record)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
