import Domain

/// Clipped importance-sampling policy optimisation: the weight is clipped, never the gradient.
struct CISPO: PolicyGradientObjective {
    static let name = "cispo"
    static let summary =
        "Policy gradient with a clipped, constant importance weight on every token."
    static let source = "MiniMax 2025 (MiniMax-M1), arXiv 2506.13585, equation 4"
    static let policy = PolicyPreset(surrogate: .weighted, clipLow: 1, clipHigh: 0.272)
    static let preset = StagePreset()

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
