public import Domain

/// What a grader made of one completion, in OpenAI's shape.
public struct GraderRunObject: Sendable, Hashable {
    /// The grade; `nil` is unscored, never 0.
    public var reward: Double?
    /// The grades of a `multi` grader's parts, by name.
    public var parts: [String: Double?]
    /// Why it is unscored.
    public var reason: String?
    /// The grader's name, else its type.
    public var name: String
    /// The grader's type.
    public var type: String
    /// How long it took.
    public var seconds: Double

    /// The result of one run.
    public init(
        reward: Double?,
        parts: [String: Double?],
        reason: String?,
        grader: Value,
        seconds: Double
    ) {
        self.reward = reward
        self.parts = parts
        self.reason = reward == nil ? reason ?? "the grader gave no number" : nil
        type = grader["type"]?.stringValue ?? ""
        name = grader["name"]?.stringValue ?? type
        self.seconds = seconds
    }

    /// Where OpenAI puts a reason, by words that our graders say it in.
    private enum Kind: String, CaseIterable {
        case sample = "sample_parse_error"
        case variable = "invalid_variable_error"
        case formula = "formula_parse_error"
        case python = "python_grader_runtime_error"
        case parse = "model_grader_parse_error"
        case server = "model_grader_server_error"
        case other = "other_error"
    }

    private var kind: Kind? {
        guard let reason else { return nil }
        if reason.contains("is not JSON") { return .sample }
        if reason.hasPrefix("there is no item.") || reason.hasPrefix("there is no sample.") {
            return .variable
        }
        switch type {
        case "python": return .python
        case "score_model", "label_model":
            return reason.hasPrefix("the model gave") || reason.hasPrefix("the grade")
                ? .parse : .server
        case "multi": return parts.values.contains { $0 == nil } ? .other : .formula
        default: return .other
        }
    }

    /// The object as it is sent.
    public var value: Value {
        let numbers = parts.mapValues { part in part.map { Value.number($0) } ?? .null }
        return [
            "reward": reward.map { .number($0) } ?? .null,
            "sub_rewards": .object(numbers),
            "metadata": [
                "name": .string(name), "type": .string(type), "errors": errors,
                "execution_time": .number(seconds), "scores": .object(numbers),
                "token_usage": .null, "sampled_model_name": .null,
            ],
            "model_grader_token_usage_per_model": [:],
        ]
    }

    private var errors: Value {
        var fields: [String: Value] = [
            "python_grader_server_error": false, "python_grader_server_error_type": .null,
            "python_grader_runtime_error_details": .null,
            "model_grader_server_error_details": .null, "model_grader_refusal_error": false,
            "truncated_observation_error": false, "unresponsive_reward_error": false,
            // Not OpenAI's: every reason in words.
            "reason": reason.map { .string($0) } ?? .null,
        ]
        for kind in Kind.allCases { fields[kind.rawValue] = .bool(kind == self.kind) }
        if let reason, kind == .python || kind == .server, let kind {
            fields["\(kind.rawValue)_details"] = .string(reason)
        }
        return .object(fields)
    }

    private static let flags =
        Kind.allCases.map(\.rawValue) + [
            "python_grader_server_error", "model_grader_refusal_error",
            "truncated_observation_error", "unresponsive_reward_error",
        ]

    /// The shape for the OpenAPI document.
    public static let schema = Schema.named(
        "GraderRun",
        .object([
            .required("reward", .nullable(.number(.any)), "Null means unscored, never 0."),
            .required("sub_rewards", parts, "The grades of a multi grader's parts."),
            .required(
                "metadata",
                .object([
                    .required("name", .string, "The grader's name."),
                    .required("type", .string, "The grader's type."),
                    .required(
                        "errors",
                        .openObject(flags.map { .required($0, .bool, "Whether it was this.") }),
                        "Why it is unscored; reason has it in words."
                    ),
                    .required("execution_time", .number(.nonNegative), "Seconds."),
                    .required("scores", parts, "As sub_rewards."),
                    .required("token_usage", .nullable(.count), "Always null."),
                    .required("sampled_model_name", .nullable(.string), "Always null."),
                ]),
                "How it went."
            ),
            .required(
                "model_grader_token_usage_per_model",
                .map(.any),
                "Always empty."
            ),
        ])
    )

    private static let parts = Schema.map(.nullable(.number(.any)))
}
