import Domain

/// Group sequence policy optimisation: one ratio for the whole sequence.
struct GSPO: PolicyGradientObjective {
    static let name = "gspo"
    static let summary = "Clipped policy gradient with one length-normalised ratio per sequence."
    static let source = "Zheng et al. 2025, arXiv 2507.18071, equations 5 to 7"
    static let policy = PolicyPreset(
        ratio: .sequenceMean,
        clipLow: 3e-4,
        clipHigh: 4e-4,
        aggregation: .sequenceMean
    )
    static let preset = StagePreset()

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
