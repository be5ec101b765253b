public import Domain

/// `POST /v1/fine_tuning/jobs`: what becomes a run.
public struct FineTuningRequest: Sendable, Hashable {
    /// How the model learns, with the numbers that were given; absent ones are "auto".
    public enum Method: String, Sendable, Hashable, CaseIterable {
        /// Demonstrations.
        case supervised
        /// Pairs.
        case dpo
        /// Prompts and a grader.
        case reinforcement
    }

    /// The model to start from: a model's name or RUN@ITERATION.
    public var model: String
    /// The id of an uploaded file.
    public var trainingFile: String
    /// The id of an uploaded file.
    public var validationFile: String?
    /// A part of the result's name.
    public var suffix: String?
    /// Equal seeds, data and weights give equal results.
    public var seed: Int
    /// What the client wants to be told again.
    public var metadata: Value
    /// How it learns.
    public var method: Method
    /// Numbers by their names; those that are "auto" are absent.
    public var numbers: [String: Double]
    /// The grader, for `reinforcement`.
    public var grader: Value?
    /// How hard the model was asked to think; only `default` can be.
    var effort: String?

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        if !faults.isEmpty { throw Faults(faults) }
        let written = checked["method"]
        method = written?["type"]?.stringValue.flatMap(Method.init) ?? .supervised
        model = checked["model"]?.stringValue ?? ""
        trainingFile = checked["training_file"]?.stringValue ?? ""
        validationFile = checked["validation_file"]?.stringValue
        suffix = checked["suffix"]?.stringValue
        seed = checked["seed"]?.integerValue ?? 0
        metadata = checked["metadata"] ?? .null
        let own = written?[method.rawValue]
        grader = own?["grader"]
        // The older place of a supervised job's numbers is read where the newer one says nothing.
        let older = checked["hyperparameters"]?.objectValue ?? [:]
        let newer = own?["hyperparameters"]?.objectValue ?? [:]
        let given = older.merging(newer) { $1 }
        numbers = given.compactMapValues(\.doubleValue)
        effort = given["reasoning_effort"]?.stringValue
        faults = Self.foreign.faults(checked) + contradictions(checked)
        if !faults.isEmpty { throw Faults(faults) }
    }

    private func contradictions(_ checked: Value) -> [Fault] {
        var faults: [Fault] = []
        for other in Method.allCases
        where other != method && checked["method"]?[other.rawValue] != nil {
            let message = "is not read by method \(method.rawValue): leave it out"
            faults.append(Fault(path: "$.method.\(other.rawValue)", message: message))
        }
        if method == .reinforcement, grader == nil {
            let message = "is required: what the completions are rewarded by"
            faults.append(Fault(path: "$.method.reinforcement.grader", message: message))
        }
        if method != .supervised, checked["hyperparameters"] != nil {
            let message = "is read by method supervised only: write them in the method"
            faults.append(Fault(path: "$.hyperparameters", message: message))
        }
        if validationFile != nil, method != .reinforcement {
            let message =
                "is measured on by method reinforcement only: leave it out, and ask "
                + "POST /v1/evaluations about the result"
            faults.append(Fault(path: "$.validation_file", message: message))
        }
        if let effort, effort != "default" {
            let message = "is not offered (models do not reason apart): leave it out"
            let path = "$.method.reinforcement.hyperparameters.reasoning_effort"
            faults.append(Fault(path: path, message: message))
        }
        return faults
    }

    private static let foreign: [ForeignField] = [
        .refused(
            "integrations",
            "nothing is sent to other services: read the job's events",
            neutral: []
        )
    ]

    // MARK: The shape

    private static func auto(_ schema: Schema) -> Schema { .oneOf([.choice(["auto"]), schema]) }

    private static let common: [FieldDescription] = [
        .optional(
            "n_epochs",
            auto(.integer(1...1000)),
            "Passes over the file; auto is 3, with reinforcement 1."
        ),
        .optional("batch_size", auto(.integer(1...65_536)), "Records of one step."),
        .optional(
            "learning_rate_multiplier",
            auto(.number(.positive)),
            "What the method's own learning rate is multiplied by."
        ),
    ]

    private static func method(
        _ hyperparameters: [FieldDescription],
        _ further: [FieldDescription] = []
    ) -> Schema {
        .object(
            further + [
                .optional(
                    "hyperparameters",
                    .object(hyperparameters),
                    "Numbers, or \"auto\"."
                )
            ]
        )
    }

    private static let methodSchema = Schema.object([
        .required("type", .choice(Method.allCases.map { $0.rawValue }), "How the model learns."),
        .optional("supervised", method(common), "From demonstrations."),
        .optional(
            "dpo",
            method(
                common + [.optional("beta", auto(.number(.positive)), "DPO's beta; auto is 0.1.")]
            ),
            "From pairs."
        ),
        .optional(
            "reinforcement",
            method(
                common + [
                    .optional(
                        "compute_multiplier",
                        auto(.number(NumericRange(0, 32, includesLower: false))),
                        "8 completions of each prompt are drawn, times this."
                    ),
                    .optional(
                        "eval_interval",
                        auto(.integer(1...1_000_000)),
                        "Steps between evaluations on the validation file."
                    ),
                    .optional(
                        "eval_samples",
                        auto(.integer(1...1024)),
                        "Completions of each validation prompt."
                    ), .optional("reasoning_effort", .text, "Only \"default\" can be asked for."),
                ],
                [.optional("grader", .any, "The grader that rewards completions.")]
            ),
            "From prompts and a grader."
        ),
    ])

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "FineTuningRequest",
        .object(
            [
                .required("model", .text, "The model to start from, or RUN@ITERATION."),
                .required("training_file", .text, "The id of an uploaded JSONL file."),
                .optional(
                    "validation_file",
                    .text,
                    "The id of an uploaded file of held-out prompts, for reinforcement."
                ),
                .optional("suffix", .text, "A part of the result's name, at most 64 characters."),
                .optional("seed", .integer(0...Int.max), "Equal seeds give equal results."),
                .optional("metadata", .map(.string), "Given back with the job."),
                .optional("method", methodSchema, "How the model learns; supervised unless said."),
                .optional(
                    "hyperparameters",
                    .object(common),
                    "The older place of a supervised job's numbers."
                ),
            ] + foreign.map(\.description)
        )
    )
}
