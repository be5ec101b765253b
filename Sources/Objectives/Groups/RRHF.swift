import Domain

/// Rank responses to align human feedback: a hinge on per-token likelihoods plus the best one's.
struct RRHF: GroupObjective {
    static let name = "rrhf"
    static let summary =
        "Per-token likelihoods ordered by reward, plus likelihood of the best; "
        + "no reference."
    static let source = "Yuan et al. 2023, arXiv 2304.05302"
    static let traits: Set<ObjectiveTrait> = [.rewardShift]
    static let requirements = DataRequirements(.groups, [.reward], minimumGroupSize: 2)
    static let parameters = [
        ParameterDescription(
            "ranking_coefficient",
            .number(.nonNegative),
            default: 1.0,
            "The weight of the ranking term against the best completion's "
                + "likelihood."
        )
    ]

    private let rankingCoefficient: Double

    init(_ parameters: ParameterValues) {
        rankingCoefficient = parameters.number("ranking_coefficient")
    }

    func loss(_ group: GroupView) throws(HoneError) -> Dual {
        let scores = group.completions.map { $0.averageLogprob }
        let ranking = group.orderedPairs.reduce(Dual(0)) { sum, pair in
            sum + positivePart(scores[pair.worse] - scores[pair.better])
        }
        let best = group.rewards.indices.max { group.rewards[$0] < group.rewards[$1] } ?? 0
        return rankingCoefficient * ranking - scores[best]
    }
}
