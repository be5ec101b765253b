import Domain

/// Several graders and a formula of their grades.
struct MultiGrader: RewardCombination {
    static let name = "multi"
    static let summary = "A formula of the grades of several graders."
    static let parameters = [
        ParameterDescription("graders", .nested, default: nil, "Graders by name."),
        ParameterDescription(
            "calculate_output",
            .string,
            default: nil,
            "The formula: names of graders, numbers, + - * / ^ and min, max, abs, floor, ceil, exp, "
                + "sqrt, log."
        ),
    ]

    private let formula: GradeFormula

    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults) {
        formula = try GradeFormula(
            parameters.string("calculate_output"),
            names: (parameters.values["graders"]?.objectValue ?? [:]).keys.sorted(),
            path: "\(path).calculate_output"
        )
    }

    func combine(_ parts: [LabelledScore]) -> RewardScore {
        parts.scored { values in RewardScore(formula.value(values)) }
    }
}
