import Domain

/// Step-level advantage preference optimisation on sibling steps of a search tree.
struct StepAPO: PairObjective {
    static let name = "step_apo"
    static let summary = "DPO on sibling steps, with the difference of their values taken out."
    static let source = "Wang et al. 2024 (CPL), arXiv 2409.08642"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .stateValue])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        let gap = (try pair.chosen.scalar(.stateValue)) - (try pair.rejected.scalar(.stateValue))
        return softplus(gap - margin)
    }
}
