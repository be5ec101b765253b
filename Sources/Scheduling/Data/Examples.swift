import Domain

/// A prompt with a better and a worse completion.
struct PairExample: Sendable, Hashable {
    var prompt: Prompt
    var chosen: String
    var rejected: String
    var margin: Double?
    var place: String

    /// TRL's `{"prompt"?, "chosen", "rejected"}` (texts or message lists) or OpenAI's
    /// `{"input":{"messages"}, "preferred_output", "non_preferred_output"}`.
    init(_ record: DataRecord) throws(HoneError) {
        place = record.place
        margin = try record.optionalNumber("margin")
        if record.value["preferred_output"] != nil {
            let input = DataRecord(value: try record.required("input"), place: record.place)
            prompt = try record.prompt(try input.required("messages"), "input.messages")
            chosen = try record.completion(
                try record.required("preferred_output"),
                "preferred_output"
            )
            rejected = try record.completion(
                try record.required("non_preferred_output"),
                "non_preferred_output"
            )
        } else {
            let better = try record.required("chosen")
            let worse = try record.required("rejected")
            if let given = record.value["prompt"], given != .null {
                prompt = try record.prompt(given, "prompt")
                chosen = try record.completion(better, "chosen")
                rejected = try record.completion(worse, "rejected")
            } else if better.arrayValue != nil {
                (prompt, chosen, rejected) = try Self.split(record, better, worse)
            } else {
                prompt = .text("")
                chosen = try record.completion(better, "chosen")
                rejected = try record.completion(worse, "rejected")
            }
        }
        guard chosen != rejected else {
            throw record.error("the chosen and the rejected completion are the same")
        }
    }

    /// TRL's implicit prompt: both are whole conversations that differ in the last turn.
    private static func split(
        _ record: DataRecord,
        _ better: Value,
        _ worse: Value
    ) throws(HoneError) -> (Prompt, String, String) {
        let chosen = try record.messages(better, "chosen")
        let rejected = try record.messages(worse, "rejected")
        guard chosen.count == rejected.count, chosen.dropLast() == rejected.dropLast(),
            let first = chosen.last, let second = rejected.last, chosen.count > 1
        else {
            throw record.error(
                "without \"prompt\", \"chosen\" and \"rejected\" must be conversations that differ "
                    + "in their last message only"
            )
        }
        return (.messages(Array(chosen.dropLast())), first.content, second.content)
    }
}

/// A prompt with a completion to imitate.
struct DemonstrationExample: Sendable, Hashable {
    var prompt: Prompt
    var completion: String
    var place: String

    /// `{"messages":[…, assistant]}` or `{"prompt", "completion"}`.
    init(_ record: DataRecord) throws(HoneError) {
        place = record.place
        guard record.value["messages"] != nil else {
            prompt = try record.prompt(try record.required("prompt"), "prompt")
            completion = try record.completion(try record.required("completion"), "completion")
            return
        }
        let list = try record.messages(try record.required("messages"), "messages")
        guard let last = list.last, last.role == "assistant", list.count > 1 else {
            throw record.error("\"messages\" must end with the assistant's answer")
        }
        prompt = .messages(Array(list.dropLast()))
        completion = last.content
    }
}

extension DataReader {
    /// Prompts: `{"prompt": text | messages}`, `{"messages"}`, or in a spec's `items` the text or
    /// the messages themselves.
    static func prompts(of source: DataSource, path: String) throws(HoneError) -> [Prompt] {
        try records(of: source, path: path).map { record throws(HoneError) in
            switch record.value {
            case .string(let text): return .text(text)
            case .array: return .messages(try record.messages(record.value, "messages"))
            default: break
            }
            if let given = record.value["messages"], given != .null {
                return .messages(try record.messages(given, "messages"))
            }
            let prompt = try record.prompt(try record.required("prompt"), "prompt")
            if prompt == .text("") { throw record.error("the prompt is empty") }
            return prompt
        }
    }

    /// The completion that each prompt's record has, for resets.
    static func completions(of source: DataSource) throws(HoneError) -> [String] {
        try records(of: source, path: "$.prompts").map { record throws(HoneError) in
            guard case .object = record.value, let given = record.value["completion"],
                given != .null
            else {
                throw record.error(
                    "has no \"completion\", which resets begin with: add one to every prompt"
                )
            }
            return try record.completion(given, "completion")
        }
    }

    /// The further fields of each prompt's record, which graders see as `item`.
    static func items(of source: DataSource, path: String) throws(HoneError) -> [Value] {
        try records(of: source, path: path).map { record in
            var fields = record.value.objectValue ?? [:]
            for name in ["prompt", "messages"] { fields[name] = nil }
            return .object(fields)
        }
    }
}
