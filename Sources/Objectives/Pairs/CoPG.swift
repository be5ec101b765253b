import Domain

/// Contrastive policy gradient: off-policy policy gradient on scored pairs.
struct CoPG: PairObjective {
    static let name = "copg"
    static let summary = "Policy gradient on pairs of scored completions of any origin."
    static let source = "Flet-Berliac et al. 2024, arXiv 2406.19185"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift, .rewardShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .reward])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.06,
            "How strongly the policy is held to the reference."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    var lossAtReference: Double? { 0 }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = try pair.logRatioMargin
        let gap = (try pair.chosen.scalar(.reward)) - (try pair.rejected.scalar(.reward))
        return (beta / 2 * margin - gap) * margin
    }
}
