public import Domain

/// `POST /v1/feedback`: one verdict or a list.
public struct FeedbackRequest: Sendable, Hashable {
    /// A verdict as a client gives it in.
    public struct Item: Sendable, Hashable {
        /// The run it is for, by id or name.
        public var run: String?
        /// What is said.
        public var verdict: Verdict
        /// What the texts answer; of rollouts their own.
        public var prompt: Prompt
        /// Stored completions, or none.
        public var rollouts: [Int]
        /// Texts in place of them.
        public var completions: [String]
        /// Who says it.
        public var annotator: String?
        /// Why.
        public var rationale: String?
        /// How long it took, seconds.
        public var seconds: Double?
        /// Through what it came.
        public var source: String
        /// The source's own id.
        public var externalID: String?
    }

    /// The most verdicts in one request.
    public static let mostItems = 10_000

    /// The verdicts, in their order.
    public var items: [Item]
    /// Whether they were given as a list.
    public var isList: Bool

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        isList = checked.arrayValue != nil
        items = []
        if !faults.isEmpty { throw Faults(faults) }
        for (place, element) in (checked.arrayValue ?? [checked]).enumerated() {
            do throws(Faults) {
                items.append(try Self.item(element, path: isList ? "$[\(place)]" : "$"))
            } catch {
                faults += error.list
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
    }

    private static func item(_ checked: Value, path: String) throws(Faults) -> Item {
        func wrong(_ message: String) -> Faults { Faults([Fault(path: path, message: message)]) }
        guard let kind = checked["kind"]?.stringValue.flatMap(Verdict.Kind.init) else {
            throw wrong("has no kind")
        }
        var rollouts = (checked["rollout_ids"]?.arrayValue ?? []).compactMap(\.integerValue)
        if let one = checked["rollout_id"]?.integerValue { rollouts.append(one) }
        var texts = (checked["completions"]?.arrayValue ?? []).compactMap(\.stringValue)
        if let one = checked["completion"]?.stringValue { texts.append(one) }
        if !rollouts.isEmpty && !texts.isEmpty {
            throw wrong("has rollout ids and texts: give one of them")
        }
        let count = max(rollouts.count, texts.count)
        guard kind.subjects.contains(count) else {
            let need =
                kind.subjects.count == 1
                ? "\(kind.subjects.lowerBound)"
                : "\(kind.subjects.lowerBound) to \(kind.subjects.upperBound)"
            throw wrong(
                "\(kind.rawValue) is about \(need) texts, not \(count): give rollout_ids, or "
                    + "completions with their prompt"
            )
        }
        if Set(rollouts).count != rollouts.count { throw wrong("names one rollout twice") }
        let verdict = try Verdict.read(
            kind,
            checked["value"] ?? .null,
            strength: checked["strength"]?.doubleValue,
            count: count,
            path: path
        )
        return Item(
            run: checked["run"]?.stringValue,
            verdict: verdict,
            prompt: checked["prompt"].map(PromptInput.prompt) ?? .text(""),
            rollouts: rollouts,
            completions: texts,
            annotator: checked["annotator"]?.stringValue,
            rationale: checked["rationale"]?.stringValue,
            seconds: checked["seconds"]?.doubleValue,
            source: checked["source"]?.stringValue ?? "api",
            externalID: checked["external_id"]?.stringValue
        )
    }

    /// How sure, and the field's meaning.
    static let strength = FieldDescription.optional(
        "strength",
        .number(NumericRange(0, 1, includesLower: false)),
        "How sure, above 0 to 1; sure when left out."
    )

    private static let item = Schema.named(
        "FeedbackItem",
        .object([
            .required(
                "kind",
                .choice(Verdict.Kind.allCases.map { $0.rawValue }),
                "What kind of thing is said."
            ),
            .required(
                "value",
                .any,
                "pairwise: first, second, tie or both_bad; ranking: a rank for each text, 1 the best; "
                    + "rating: a number; binary: true, false or a reaction such as like; critique, "
                    + "demonstration, message: a text; span: start, end, label."
            ),
            .optional(
                "rollout_ids",
                .list(.count, count: 1...64),
                "Stored completions of one prompt."
            ),
            .optional("rollout_id", .count, "The same, of one."),
            .optional("prompt", PromptInput.schema, "What texts that are not stored answer."),
            .optional("completions", .list(.string, count: 1...64), "Texts in place of rollouts."),
            .optional("completion", .string, "The same, of one."),
            .optional("run", .text, "The run it is for; with rollouts their own."),
            .optional("annotator", .text, "Who says it."),
            strength,
            .optional("rationale", .string, "Why."),
            .optional("seconds", .number(.nonNegative), "How long it took."),
            .optional("source", .text, "Through what it came; `api` unless said."),
            .optional(
                "external_id",
                .text,
                "The source's own id: the same source and id again change nothing."
            ),
        ])
    )

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "FeedbackRequest",
        .oneOf([.list(item, count: 1...mostItems), item])
    )
}

/// `POST /v1/feedback/{id}`: what should have been said.
public struct FeedbackCorrection: Sendable, Hashable {
    /// The new value, to be read for the verdict's kind.
    public var value: Value
    /// How sure.
    public var strength: Double?
    /// Why; the old one stays when left out.
    public var rationale: String?

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        self.value = checked["value"] ?? .null
        strength = checked["strength"]?.doubleValue
        rationale = checked["rationale"]?.stringValue
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "FeedbackCorrection",
        .object([
            .required("value", .any, "As for the verdict's kind in POST /v1/feedback."),
            FeedbackRequest.strength,
            .optional("rationale", .string, "Why."),
        ])
    )
}
