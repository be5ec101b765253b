import Domain

/// How like one text is to another.
struct TextSimilarityGrader: Reward {
    static let name = "text_similarity"
    static let summary = "How like a text is to another, from 0 to 1."
    static let parameters = [
        ParameterDescription(
            "input",
            .string,
            default: nil,
            "The text that is graded; a template."
        ),
        ParameterDescription(
            "reference",
            .string,
            default: nil,
            "What it is set beside; a template."
        ),
        ParameterDescription(
            "evaluation_metric",
            .choice(TextSimilarity.allCases.map { $0.rawValue }),
            default: nil,
            "How likeness is measured."
        ),
    ]

    /// The longest texts that are set beside each other, characters: common subsequences take the
    /// product of the lengths.
    static let maximumLength = 16_384

    private let texts: GraderTexts
    private let metric: TextSimilarity

    init(_ parameters: ParameterValues, files: [String: String], path: String) throws(Faults) {
        texts = try GraderTexts(parameters, path: path)
        metric = TextSimilarity(rawValue: parameters.string("evaluation_metric")) ?? .cosine
    }

    func score(_ sample: RewardInput) -> RewardScore {
        texts.scored(sample) { text, wanted in
            guard max(text.count, wanted.count) <= Self.maximumLength else {
                let reason = "a text is longer than \(Self.maximumLength) characters"
                return RewardScore(unscored: reason)
            }
            return RewardScore(metric.value(text, wanted))
        }
    }
}
