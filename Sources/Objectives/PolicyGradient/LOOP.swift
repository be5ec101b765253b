import Domain

/// Leave-one-out proximal policy optimisation, for agents: a trajectory is all its turns.
struct LOOP: PolicyGradientObjective {
    static let name = "loop"
    static let summary =
        "Clipped policy gradient, clipped symmetrically in the log-ratio, on leave-one-out advantages."
    static let source = "Chen et al. 2025, arXiv 2502.01600"
    static let policy = PolicyPreset(
        clipLow: 0.1,
        clipHigh: 0.1,
        clipBounds: .reciprocal,
        aggregation: .sequenceMean
    )
    static let preset = StagePreset(
        advantage: "leave_one_out",
        filters: [NamedParameters(name: "small_advantage")]
    )

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
