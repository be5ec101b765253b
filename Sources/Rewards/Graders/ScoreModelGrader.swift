public import Domain

/// A model that writes a grade.
public struct ScoreModelGrader: SourcedReward, Hashable {
    /// Its `type`.
    public static let name = "score_model"
    /// What it is.
    public static let summary = "The number that a language model writes as its grade."
    /// Its fields.
    public static let parameters =
        RewardSource.ModelNeed.parameters(asks: "grade") + [
            ParameterDescription(
                "range",
                .numbers(.any),
                default: [0, 1],
                "The lowest and the highest grade; another one is unscored."
            ),
            ParameterDescription(
                "sampling_params",
                .nested,
                default: .null,
                "temperature (0 unless given), top_p, seed, max_completions_tokens."
            ),
        ]

    /// Who grades.
    public let model: RewardSource.ModelNeed
    /// What it is asked.
    public let conversation: GraderConversation
    /// How its answer is drawn.
    public let sampling: SamplingParameters
    /// Equal seeds give equal answers.
    public let seed: UInt64
    private let range: [Double]

    /// What it is called unless the grader has a name.
    public var label: String { Self.name }
    /// Itself.
    public var source: RewardSource { .scoreModel(self) }

    /// Reads a grader's object; throws all its faults.
    public init(_ parameters: ParameterValues, path: String) throws(Faults) {
        conversation = try GraderConversation(parameters.values["input"], path: "\(path).input")
        model = try RewardSource.ModelNeed.language(parameters, path)
        range = parameters.numbers("range")
        guard range.count == 2, range[0] < range[1] else {
            let message = "must be two numbers, the lowest first"
            throw Faults([Fault(path: "\(path).range", message: message)])
        }
        let given = parameters.values["sampling_params"] ?? .object([:])
        var reader = FieldReader(given, path: "\(path).sampling_params")
        var sampling = SamplingParameters()
        sampling.temperature = reader.number("temperature", in: .nonNegative) ?? 0
        sampling.topP = reader.number("top_p", in: .unit) ?? 1
        sampling.maxTokens = reader.integer("max_completions_tokens", in: 1...4096) ?? 64
        seed = UInt64(reader.integer("seed", in: 0...Int.max) ?? 0)
        try reader.finish()
        self.sampling = sampling
    }

    /// The grade in an answer: its `"result"` when it is JSON, else the last number in it.
    public func grade(_ answer: String) -> RewardScore {
        guard let number = AnswerNumber.find(in: answer) else {
            return RewardScore(unscored: "the model gave no number: \(answer.prefix(80))")
        }
        guard number >= range[0], number <= range[1] else {
            return RewardScore(unscored: "the grade \(number) is not within \(range)")
        }
        return RewardScore(number)
    }
}
