public import Domain

/// What a grading model is asked: a conversation with places.
public struct GraderConversation: Sendable, Hashable {
    private struct Turn: Sendable, Hashable {
        let role: String
        let content: GraderTemplate
    }

    private let turns: [Turn]

    /// Reads `[{"role", "content", "type": "message"}, …]`; throws all faults.
    init(_ value: Value?, path: String) throws(Faults) {
        guard let list = value?.arrayValue, !list.isEmpty else {
            let message = "must be a list of {\"role\", \"content\"}"
            throw Faults([Fault(path: path, message: message)])
        }
        var (turns, faults): ([Turn], [Fault]) = ([], [])
        for (index, item) in list.enumerated() {
            do throws(Faults) {
                turns.append(try Self.turn(item, "\(path)[\(index)]"))
            } catch {
                faults += error.list
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
        self.turns = turns
    }

    private static func turn(_ item: Value, _ path: String) throws(Faults) -> Turn {
        var reader = FieldReader(item, path: path)
        let role = reader.requiredString("role")
        if let type = reader.string("type"), type != "message" {
            reader.fault("type", "must be message")
        }
        let content = reader.requiredValue("content")
        // A text, or one part {"type":"input_text","text":…}.
        let text = content?.stringValue ?? content?["text"]?.stringValue
        if content != nil && text == nil { reader.fault("content", "must be a text") }
        try reader.finish()
        return Turn(
            role: role,
            content: try GraderTemplate(text ?? "", path: "\(path).content")
        )
    }

    /// The conversation about one completion.
    public func filled(_ input: RewardInput) -> Result<[ChatMessage], Unscored> {
        var messages: [ChatMessage] = []
        for turn in turns {
            switch turn.content.filled(input) {
            case .success(let text): messages.append(ChatMessage(role: turn.role, content: text))
            case .failure(let missing): return .failure(missing)
            }
        }
        return .success(messages)
    }
}

extension RewardSource.ModelNeed {
    /// The fields of a grader that asks a model for `asks`: which one, and what it is told.
    static func parameters(asks: String) -> [ParameterDescription] {
        [
            ParameterDescription(
                "model",
                .string,
                default: nil,
                "The name of a language model, or policy."
            ),
            ParameterDescription(
                "input",
                .nested,
                default: nil,
                "The conversation that asks for a \(asks)."
            ),
        ]
    }

    /// The language model that a grader names, or the run's own policy.
    static func language(_ parameters: ParameterValues, _ path: String) throws(Faults) -> Self {
        let name = parameters.string("model")
        if name.isEmpty {
            throw Faults([Fault(path: "\(path).model", message: "must not be empty")])
        }
        return name == "policy" ? .policy : .language(name)
    }
}
