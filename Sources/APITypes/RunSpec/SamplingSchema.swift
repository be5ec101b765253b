import Domain

/// The fields of sampling, shared by run specs and `POST /v1/rollouts`.
enum SamplingSchema {
    private static let defaults = SamplingParameters()

    static let fields: [FieldDescription] = [
        .field(
            "temperature",
            .number(NumericRange(0, 100)),
            default: .number(defaults.temperature),
            "0 is greedy."
        ),
        .field(
            "top_k",
            .integer(0...Int(Int32.max)),
            default: .integer(defaults.topK),
            "Keep the k most likely tokens; 0 keeps all."
        ),
        .field(
            "top_p",
            .number(NumericRange(0, 1, includesLower: false)),
            default: .number(defaults.topP),
            "Keep the smallest set of tokens with this probability; 1 keeps all."
        ),
        .field(
            "min_p",
            .number(.unit),
            default: .number(defaults.minP),
            "Keep tokens at least this many times as likely as the likeliest; 0 keeps all."
        ),
        .field(
            "max_tokens",
            .integer(1...1_048_576),
            default: .integer(defaults.maxTokens),
            "The most tokens of one completion."
        ),
        .field(
            "stop",
            .oneOf([.text, .list(.text, count: 0...16)]),
            default: [],
            "A completion ends before the first of these texts."
        ),
        .field(
            "weights",
            RunSpecSchema.choice(SamplingWeights.self),
            default: .string(SamplingWeights.float32.rawValue),
            "How the weights that are drawn with are stored. bfloat16 and int8 are faster at few "
                + "sequences and change the distribution a little: log-probabilities are still the "
                + "policy's own, computed afterwards, and objectives correct for the difference by "
                + "importance_cap."
        ),
    ]

    /// What requests may have besides, which runs' specs do not.
    static let repetitionPenalty = FieldDescription.field(
        "repetition_penalty",
        .number(NumericRange(0, 100, includesLower: false)),
        default: 1,
        "Positive logits of tokens of prompt and completion are divided by this, others multiplied, "
            + "before temperature; over 1 repeats less. Log-probabilities are those without it."
    )

    /// The penalty in a checked object; `nil` where it changes nothing.
    static func repetitionPenalty(_ checked: Value?) -> Double? {
        let penalty = checked?["repetition_penalty"]?.doubleValue
        return penalty == 1 ? nil : penalty
    }

    /// The parameters in a checked object.
    static func parameters(_ checked: Value?) -> SamplingParameters {
        let stop = checked?["stop"]
        let weights = checked?["weights"]?.stringValue.flatMap(SamplingWeights.init(rawValue:))
        return SamplingParameters(
            temperature: checked?["temperature"]?.doubleValue ?? defaults.temperature,
            topK: checked?["top_k"]?.integerValue ?? defaults.topK,
            topP: checked?["top_p"]?.doubleValue ?? defaults.topP,
            minP: checked?["min_p"]?.doubleValue ?? defaults.minP,
            maxTokens: checked?["max_tokens"]?.integerValue ?? defaults.maxTokens,
            stop: stop?.stringValue.map { [$0] }
                ?? stop?.arrayValue?.compactMap(\.stringValue) ?? [],
            weights: weights == .float32 ? nil : weights
        )
    }

    /// The fields of an object with these parameters.
    static func fields(of sampling: SamplingParameters) -> [String: Value] {
        [
            "temperature": .number(sampling.temperature),
            "top_k": .integer(sampling.topK),
            "top_p": .number(sampling.topP),
            "min_p": .number(sampling.minP),
            "max_tokens": .integer(sampling.maxTokens),
            "stop": .array(sampling.stop.map { .string($0) }),
            "weights": .string((sampling.weights ?? .float32).rawValue),
        ]
    }
}
