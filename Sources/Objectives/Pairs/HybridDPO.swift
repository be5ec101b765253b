import Domain

/// DPO that follows the reference only where it agrees with the preference.
struct HybridDPO: PairObjective {
    static let name = "hybrid_dpo"
    static let summary = "DPO whose reference margin counts only where it favours the chosen side."
    static let source = "Hybrid-DPO 2026, arXiv 2602.11902"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) { beta = parameters.number("beta") }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let reference =
            try pair.chosen.sum(.referenceLogprobs) - pair.rejected.sum(.referenceLogprobs)
        // A NaN is not held back: it must show.
        let agreed = reference < 0 ? 0 : reference
        return softplus(-beta * (pair.chosen.logprob - pair.rejected.logprob - agreed))
    }
}
