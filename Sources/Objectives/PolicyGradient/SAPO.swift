import Domain

/// Soft adaptive policy optimisation: tokens fade out where PPO would cut them off.
struct SAPO: PolicyGradientObjective {
    static let name = "sapo"
    static let summary = "Policy gradient behind a smooth gate around ratio 1 in place of a clip."
    static let source = "Gao et al. 2025, arXiv 2511.20347"
    static let policy = PolicyPreset(surrogate: .sigmoid, aggregation: .sequenceMean)
    static let preset = StagePreset()

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
