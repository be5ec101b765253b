import Domain

/// Distillation from a preference-trained teacher, contrasted with its opposite at every token.
struct AlignDistil: TokenObjective {
    static let name = "align_distil"
    static let summary = "Moves every token's distribution to that of a contrasted teacher."
    static let source = "Zhang et al. 2025, arXiv 2503.02832"
    static let requirements = DataRequirements(
        .sequences,
        [.teacherKL, .teacherDistances],
        teacher: TeacherMix(strength: 10, usesContrast: true)
    )
    static let parameters =
        [
            ParameterDescription(
                "beta",
                .number(.positive),
                default: 0.1,
                "The weight of the divergence, before it is divided by the contrast's weight."
            ),
            ParameterDescription(
                "strength",
                .number(.positive),
                default: 10,
                "How strongly the two teachers are contrasted where they differ."
            ),
            ParameterDescription(
                "contrast",
                .bool,
                default: true,
                "Whether there is a second model to contrast with; without it this is plain distillation."
            ),
        ] + LossAggregation.parameters(.tokenMean)

    let aggregation: LossAggregation
    private let beta: Double
    private let mix: TeacherMix

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(parameters)
        beta = parameters.number("beta")
        mix = TeacherMix(
            strength: parameters.number("strength"),
            usesContrast: parameters.bool("contrast")
        )
    }

    var requirements: DataRequirements {
        DataRequirements(
            .sequences,
            mix.usesContrast ? [.teacherKL, .teacherDistances] : [.teacherKL],
            teacher: mix
        )
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let weight = mix.usesContrast ? mix.weight(try token.number(.teacherDistances)) : 1
        return beta / weight * (try token.variable(.teacherKL))
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        [("policy/teacher_kl", try token.number(.teacherKL))]
    }
}
