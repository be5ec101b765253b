import Domain

/// A language model's judgement, by the probability of its verdict.
struct JudgeReward: SourcedReward {
    static let name = "judge"
    static let summary = "A language model's judgement: how probable it holds the better verdict."
    static let parameters = [
        ParameterDescription(
            "model",
            .string,
            default: nil,
            "The name of a language model, or policy: a run's own, as it then is."
        ),
        ParameterDescription(
            "mode",
            .choice(Judge.Mode.allCases.map { $0.rawValue }),
            default: "pairwise",
            "Whether two completions are set against each other, in both orders, or one is judged alone."
        ),
        ParameterDescription("question", .string, default: .null, "What it is asked, in words."),
        ParameterDescription(
            "template",
            .string,
            default: .null,
            "The whole text, with {question}, {prompt} and {a}, {b} (pairwise) or {completion}."
        ),
        ParameterDescription(
            "verdicts",
            .nested,
            default: .null,
            "Two texts, the better verdict first: A and B, or Yes and No, unless given."
        ),
        ParameterDescription(
            "chat",
            .bool,
            default: .null,
            "Whether the text is a user's turn in the model's chat template, or raw text; unless said, a "
                + "turn where the model has a template."
        ),
        ParameterDescription(
            "measure",
            .choice(Judge.Measure.allCases.map { $0.rawValue }),
            default: "probability",
            "Of a pointwise judge: the probability of the better verdict, or its log-odds."
        ),
    ]

    /// What is asked when nothing else is said.
    private struct Defaults {
        let question: String
        let body: String
        let verdicts: [String]

        /// The whole text.
        var template: String {
            "{question}\n\n[PROMPT]\n{prompt}\n\n\(body)\n\n"
                + "Answer with \(verdicts[0]) or \(verdicts[1]) only."
        }
    }

    private static func defaults(_ mode: Judge.Mode) -> Defaults {
        switch mode {
        case .pairwise:
            Defaults(
                question: "Which response to the prompt is better?",
                body: "[RESPONSE A]\n{a}\n\n[RESPONSE B]\n{b}",
                verdicts: ["A", "B"]
            )
        case .pointwise:
            Defaults(
                question: "Is this a good response to the prompt?",
                body: "[RESPONSE]\n{completion}",
                verdicts: ["Yes", "No"]
            )
        }
    }

    let judge: Judge
    let label = Self.name
    var source: RewardSource { .judge(judge) }

    init(_ parameters: ParameterValues, path: String) throws(Faults) {
        var faults: [Fault] = []
        let mode = Judge.Mode(rawValue: parameters.string("mode")) ?? .pairwise
        let defaults = Self.defaults(mode)
        let model = parameters.string("model")
        if model.isEmpty {
            faults.append(Fault(path: "\(path).model", message: "must not be empty"))
        }
        let template = parameters.values["template"]?.stringValue ?? defaults.template
        for side in mode == .pairwise ? ["a", "b"] : ["completion"]
        where !template.contains("{\(side)}") {
            let message = "must hold {\(side)}: \(mode.rawValue) judges see it"
            faults.append(Fault(path: "\(path).template", message: message))
        }
        let verdicts = Self.verdicts(parameters.values["verdicts"]) ?? defaults.verdicts
        if verdicts.count != 2 || verdicts[0] == verdicts[1] || verdicts.contains("") {
            let message = "must be two different texts, the better verdict first"
            faults.append(Fault(path: "\(path).verdicts", message: message))
        }
        if !faults.isEmpty { throw Faults(faults) }
        judge = Judge(
            model: model == "policy" ? .policy : .language(model),
            mode: mode,
            verdicts: verdicts,
            isChat: parameters.values["chat"]?.boolValue,
            measure: Judge.Measure(rawValue: parameters.string("measure")) ?? .probability,
            template: TextTemplate(template),
            question: parameters.values["question"]?.stringValue ?? defaults.question
        )
    }

    /// What is given; no texts when it is anything but a list of texts.
    private static func verdicts(_ given: Value?) -> [String]? {
        guard let given else { return nil }
        let texts = (given.arrayValue ?? []).compactMap(\.stringValue)
        return texts.count == given.arrayValue?.count ? texts : []
    }
}
