import Domain

/// Multi-objective DPO: the margin of the other objectives' rewards is taken out.
struct MODPO: PairObjective {
    static let name = "modpo"
    static let summary = "DPO for one of several objectives, given the others' reward margins."
    static let source = "Zhou et al. 2023, arXiv 2310.03708"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .marginReward])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "weight",
            .number(NumericRange(0, 1, includesLower: false)),
            default: 0.5,
            "The weight of the objective that the preferences are about; the "
                + "others' sum to the rest."
        ),
    ]

    let beta: Double
    private let weight: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        weight = parameters.number("weight")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let others =
            (try pair.chosen.scalar(.marginReward)) - (try pair.rejected.scalar(.marginReward))
        let margin = beta * (try pair.logRatioMargin)
        return softplus(-((margin - (1 - weight) * others) / weight))
    }
}
