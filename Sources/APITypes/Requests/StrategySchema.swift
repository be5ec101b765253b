import Domain

/// The fields of a request that say how completions are chosen.
enum StrategySchema {
    static let fields: [FieldDescription] = [
        .field(
            "strategy",
            .choice(SamplingStrategy.names),
            default: "sample",
            "sample draws n completions; best_of_n returns the n of the highest rewards among "
                + "candidates; rejection those that are accepted with probability exp((reward - "
                + "highest) / beta); beam the n most likely that a search of this width finds."
        ),
        .optional(
            "candidates",
            .integer(1...1024),
            "best_of_n, rejection: completions drawn for each prompt, 16 unless said."
        ),
        .optional(
            "beta",
            .number(.positive),
            "rejection: the higher, the more is accepted; 0.5 unless said."
        ),
        .optional("width", .integer(1...64), "beam: beginnings followed at a time, 5 unless said."),
        .optional(
            "length_penalty",
            .number(NumericRange(0, 10)),
            "beam: the power of the length that log-probabilities are divided by, 0 unless said."
        ),
        SamplingSchema.repetitionPenalty,
    ]

    /// The strategy of checked sampling fields.
    static func strategy(_ checked: Value?) -> SamplingStrategy {
        let candidates = checked?["candidates"]?.integerValue ?? 16
        switch checked?["strategy"]?.stringValue {
        case "best_of_n": return .bestOf(candidates: candidates)
        case "rejection":
            return .rejection(
                candidates: candidates,
                beta: checked?["beta"]?.doubleValue ?? 0.5
            )
        case "beam":
            return .beam(
                width: checked?["width"]?.integerValue ?? 5,
                lengthPenalty: checked?["length_penalty"]?.doubleValue ?? 0
            )
        default: return .sample
        }
    }

    /// Fields that the strategy does not read, and numbers that do not go together.
    static func contradictions(_ checked: Value) -> [Fault] {
        let sampling = checked["sampling"]
        let strategy = strategy(sampling)
        var faults: [Fault] = []
        func fault(_ path: String, _ message: String) {
            faults.append(Fault(path: path, message: message))
        }
        let name = sampling?["strategy"]?.stringValue ?? "sample"
        for (field, readers) in readers
        where sampling?[field] != nil && !readers.contains(name) {
            fault("$.sampling.\(field)", "is not used by strategy \(name); leave it out")
        }
        if case .beam = strategy, isShaped(sampling) {
            fault(
                "$.sampling.strategy",
                "beam searches the policy's own distribution: leave out temperature, top_k, top_p, "
                    + "min_p, repetition_penalty and weights"
            )
        }
        let count = checked["n"]?.integerValue ?? 1
        if let most = strategy.mostChosen, count > most {
            fault("$.n", "must be at most \(most), what \(name) chooses from")
        }
        if strategy.usesReward != (checked["reward"] != nil) {
            fault(
                "$.reward",
                strategy.usesReward
                    ? "is required by strategy \(name), which chooses by it"
                    : "is not used by strategy \(name); leave it out"
            )
        }
        return faults
    }

    private static let readers = [
        ("candidates", ["best_of_n", "rejection"]), ("beta", ["rejection"]), ("width", ["beam"]),
        ("length_penalty", ["beam"]),
    ]

    private static func isShaped(_ sampling: Value?) -> Bool {
        guard SamplingSchema.repetitionPenalty(sampling) == nil else { return true }
        let parameters = SamplingSchema.parameters(sampling)
        var plain = SamplingParameters()
        (plain.maxTokens, plain.stop) = (parameters.maxTokens, parameters.stop)
        return parameters != plain
    }
}
