import Domain

/// The plain policy gradient.
struct Reinforce: PolicyGradientObjective {
    static let name = "reinforce"
    static let summary = "Log-probability times advantage: the plain policy gradient."
    static let source = "Williams 1992, Machine Learning 8"
    static let policy = PolicyPreset(ratio: .none, surrogate: .likelihood)
    static let preset = StagePreset(advantage: "leave_one_out")

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
