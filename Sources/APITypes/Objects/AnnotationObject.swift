public import Domain

/// A comparison in somebody's hands.
public struct AnnotationObject: Sendable, Hashable, Codable {
    /// One side.
    public struct Side: Sendable, Hashable, Codable {
        /// The completion.
        public var text: String

        /// A side.
        public init(text: String) { self.text = text }
    }

    /// What it is answered by.
    public var id: Int
    /// The kind of object, for clients that meet it in a list.
    public var object = "annotation"
    /// The run that asks.
    public var run: String?
    /// Its iteration.
    public var iteration: Int
    /// What both answer.
    public var prompt: Value
    /// As shown.
    public var first: Side
    /// As shown.
    public var second: Side
    /// Seconds since 1970.
    public var expiresAt: Int

    /// Makes one; `run` can be set after.
    public init(
        id: Int,
        iteration: Int,
        prompt: Prompt,
        first: String,
        second: String,
        expiresAt: Int
    ) {
        self.id = id
        self.iteration = iteration
        self.prompt = PromptInput.value(prompt)
        self.first = Side(text: first)
        self.second = Side(text: second)
        self.expiresAt = expiresAt
    }

    private static let side = Schema.object([.required("text", .string, "The completion.")])

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Annotation",
        .object([
            .required("id", .count, "What POST and DELETE /v1/annotations/{id} name."),
            .required("object", .choice(["annotation"]), "Always `annotation`."),
            .optional("run", .string, "The run that asks."),
            .required("iteration", .count, "Its iteration."),
            .required("prompt", PromptInput.schema, "What both answer."),
            .required("first", side, "The one shown first; which one that is, is drawn."),
            .required("second", side, "The other."),
            .required("expires_at", .count, "Until when it may be answered, seconds since 1970."),
        ])
    )
}

/// The reply to an answer.
public struct AnnotationReply: Sendable, Hashable, Codable {
    /// The comparison's lease.
    public var id: Int
    /// The kind of object.
    public var object = "annotation.answered"
    /// What was stored.
    public var feedback: FeedbackObject

    /// A reply.
    public init(id: Int, feedback: FeedbackObject) { (self.id, self.feedback) = (id, feedback) }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "AnnotationReply",
        .object([
            .required("id", .count, "The lease."),
            .required("object", .choice(["annotation.answered"]), "Always `annotation.answered`."),
            .required("feedback", FeedbackObject.schema, "What was stored."),
        ])
    )
}

/// What is known of an annotator.
public struct AnnotatorObject: Sendable, Hashable, Codable {
    /// Who.
    public var annotator: String
    /// The kind of object.
    public var object = "annotator"
    /// Comparisons that they judged.
    public var verdicts: Int
    /// Verdicts of others on the same two completions.
    public var shared: Int
    /// Those of them that say the same.
    public var agreed: Int
    /// Verdicts on comparisons whose answer is known.
    public var gold: Int
    /// Those of them that are right.
    public var goldRight: Int
    /// How often they are held to be right.
    public var reliability: Double

    /// Makes one.
    public init(
        annotator: String,
        verdicts: Int,
        shared: Int,
        agreed: Int,
        gold: Int,
        goldRight: Int,
        reliability: Double
    ) {
        self.annotator = annotator
        (self.verdicts, self.shared, self.agreed) = (verdicts, shared, agreed)
        (self.gold, self.goldRight) = (gold, goldRight)
        self.reliability = reliability
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Annotator",
        .object([
            .required("annotator", .string, "Who."),
            .required("object", .choice(["annotator"]), "Always `annotator`."),
            .required("verdicts", .count, "Comparisons that they judged."),
            .required("shared", .count, "Verdicts of others on the same two completions."),
            .required("agreed", .count, "Those of them that say the same."),
            .required("gold", .count, "Verdicts on comparisons whose answer is known."),
            .required("gold_right", .count, "Those of them that are right."),
            .required(
                "reliability",
                .number(.unit),
                "How often they are held to be right: 0.8 of whom nothing is known."
            ),
        ])
    )
}

/// What one iteration of a run learned from.
public struct LineageObject: Sendable, Hashable, Codable {
    /// The iteration.
    public var iteration: Int
    /// The kind of object.
    public var object = "run.lineage"
    /// The verdicts that it learned from.
    public var feedback: [Int]
    /// Checkpoints that hold what was learned: RUN@ITERATION, from this iteration on.
    public var checkpoints: [String]

    /// Makes one.
    public init(iteration: Int, feedback: [Int], checkpoints: [String]) {
        self.iteration = iteration
        self.feedback = feedback
        self.checkpoints = checkpoints
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "RunLineage",
        .object([
            .required("iteration", .count, "The iteration."),
            .required("object", .choice(["run.lineage"]), "Always `run.lineage`."),
            .required("feedback", .list(.count), "The verdicts that it learned from."),
            .required("checkpoints", .list(.string), "Checkpoints that hold what was learned."),
        ])
    )
}

/// The reply to forgetting an annotator.
public struct ErasedObject: Sendable, Hashable, Codable {
    /// Who was forgotten.
    public var id: String
    /// The kind of object.
    public var object = "annotator"
    /// Always true.
    public var erased = true
    /// How many verdicts lost their name.
    public var verdicts: Int

    /// A reply.
    public init(id: String, verdicts: Int) { (self.id, self.verdicts) = (id, verdicts) }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "ErasedAnnotator",
        .object([
            .required("id", .string, "Who was forgotten."),
            .required("object", .choice(["annotator"]), "Always `annotator`."),
            .required("erased", .bool, "Always true."),
            .required("verdicts", .count, "How many verdicts lost their name."),
        ])
    )
}
