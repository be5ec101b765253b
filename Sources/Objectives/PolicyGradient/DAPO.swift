import Domain

/// Decoupled clip and dynamic sampling policy optimisation: every token counts the same.
struct DAPO: PolicyGradientObjective {
    static let name = "dapo"
    static let aliases = ["decoupled_clip"]
    static let summary =
        "Clipped policy gradient over all tokens, with a higher upper clip and no KL penalty."
    static let source = "Yu et al. 2025, arXiv 2503.14476, equation 8"
    static let policy = PolicyPreset(clipHigh: 0.28)
    static let preset = StagePreset(
        filters: [NamedParameters(name: "zero_variance")]
    )

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
