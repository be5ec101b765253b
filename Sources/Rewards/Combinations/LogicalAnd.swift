import Domain

/// Several properties that are all wanted: the sum of the log-sigmoids of what each exceeds its
/// reference by.
///
/// A property that is met well adds little more, so that the worst one decides.
/// Source: Wang et al. 2024, arXiv 2402.00742, equations 5 and 9.
struct LogicalAnd: RewardCombination {
    static let name = "logical_and"
    static let summary = "All of several properties: the sum of their log-sigmoid rewards."
    static let parameters = [
        ParameterDescription(
            "rewards",
            .nested,
            default: nil,
            "A list of {\"reference\": 0, \"reward\": {…}}; the reference is the reward that is good "
                + "enough, such as the 85th percentile of the first policy's."
        )
    ]
    static let partParameters = [
        ParameterDescription(
            "reference",
            .number(.any),
            default: 0,
            "The reward that is good enough: it gives log 1/2."
        )
    ]

    private let references: [Double]

    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults) {
        references = parts.map { $0.number("reference") }
    }

    func combine(_ parts: [LabelledScore]) -> RewardScore {
        parts.scored { values in
            RewardScore(zip(values, references).reduce(0) { $0 - softplus($1.1 - $1.0) })
        }
    }
}
