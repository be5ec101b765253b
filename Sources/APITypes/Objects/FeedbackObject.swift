public import Domain

/// A stored verdict as the API shows it.
public struct FeedbackObject: Sendable, Hashable, Codable {
    /// One of the texts that it is about.
    public struct Subject: Sendable, Hashable, Codable {
        /// The stored completion, where it is one.
        public var rolloutId: Int?
        /// The text.
        public var text: String

        /// A text.
        public init(rolloutId: Int?, text: String) {
            (self.rolloutId, self.text) = (rolloutId, text)
        }
    }

    /// What learned from it.
    public struct Use: Sendable, Hashable, Codable {
        /// The run.
        public var run: String
        /// Its iteration.
        public var iteration: Int

        /// A use.
        public init(run: String, iteration: Int) { (self.run, self.iteration) = (run, iteration) }
    }

    /// What requests name it by.
    public var id: Int
    /// The kind of object, for clients that meet it in a list.
    public var object = "feedback"
    /// The run it belongs to.
    public var run: String?
    /// The iteration whose completions it is about.
    public var iteration: Int?
    /// What kind of thing is said.
    public var kind: String
    /// What is said.
    public var value: Value
    /// How sure.
    public var strength: Double?
    /// What the texts answer.
    public var prompt: Value
    /// What it is about.
    public var subjects: [Subject]
    /// Who said it.
    public var annotator: String?
    /// Why.
    public var rationale: String?
    /// How long it took, seconds.
    public var seconds: Double?
    /// Through what it came.
    public var source: String
    /// The source's own id.
    public var externalId: String?
    /// Whether the sides were shown the other way round; absent where nothing was asked.
    public var swapped: Bool?
    /// What learned from it.
    public var uses: [Use]
    /// Seconds since 1970.
    public var createdAt: Int
    /// Seconds since 1970; absent while it stands.
    public var withdrawnAt: Int?
    /// The corrected one.
    public var replacedBy: Int?

    /// Makes one; fields that are not named here can be set after.
    public init(
        id: Int,
        verdict: Verdict,
        prompt: Prompt,
        subjects: [Subject],
        source: String,
        createdAt: Int
    ) {
        self.id = id
        kind = verdict.kind.rawValue
        value = verdict.value
        strength = verdict.strength
        self.prompt = PromptInput.value(prompt)
        self.subjects = subjects
        self.source = source
        uses = []
        self.createdAt = createdAt
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Feedback",
        .object([
            .required("id", .count, "Its id."),
            .required("object", .choice(["feedback"]), "Always `feedback`."),
            .optional("run", .string, "The run it belongs to."),
            .optional("iteration", .count, "The iteration whose completions it is about."),
            .required("kind", .choice(Verdict.Kind.allCases.map { $0.rawValue }), "What is said."),
            .required(
                "value",
                .any,
                "In the kind's own form; of the subjects in their order here."
            ),
            .optional("strength", .number(.any), "How sure, above 0 to 1."),
            .required("prompt", PromptInput.schema, "What the texts answer."),
            .required(
                "subjects",
                .list(
                    .object([
                        .optional("rollout_id", .count, "The stored completion."),
                        .required("text", .string, "The text."),
                    ])
                ),
                "What it is about."
            ),
            .optional("annotator", .string, "Who said it."),
            .optional("rationale", .string, "Why."),
            .optional("seconds", .number(.any), "How long it took."),
            .required("source", .string, "Through what it came."),
            .optional("external_id", .string, "The source's own id."),
            .optional("swapped", .bool, "Whether the second was shown first."),
            .required(
                "uses",
                .list(
                    .object([
                        .required("run", .string, "Which run."),
                        .required("iteration", .count, "In which iteration."),
                    ])
                ),
                "What learned from it."
            ),
            .required("created_at", .count, "Seconds since 1970."),
            .optional("withdrawn_at", .count, "Seconds since 1970."),
            .optional("replaced_by", .count, "The corrected one."),
        ])
    )
}

/// What became of a verdict that was given in.
public struct FeedbackReceiptObject: Sendable, Hashable, Codable {
    /// Its id.
    public var id: Int
    /// The kind of object.
    public var object = "feedback.receipt"
    /// Whether it was there before; then nothing was changed.
    public var duplicate: Bool

    /// A receipt.
    public init(id: Int, duplicate: Bool) { (self.id, self.duplicate) = (id, duplicate) }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "FeedbackReceipt",
        .object([
            .required("id", .count, "The verdict's id."),
            .required("object", .choice(["feedback.receipt"]), "Always `feedback.receipt`."),
            .required("duplicate", .bool, "Whether it was there before; then nothing was changed."),
        ])
    )
}
