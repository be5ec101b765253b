import Domain

/// Group relative policy optimisation: every sequence counts the same, whatever its length.
struct GRPO: TokenObjective {
    static let name = "grpo"
    static let summary =
        "Clipped policy gradient averaged over tokens, then over sequences, with a KL penalty."
    static let source = "Shao et al. 2024, arXiv 2402.03300, equation 3"
    static let requirements = DataRequirements(.sequences, [.oldLogprobs, .advantages])
    static let parameters = PolicyTerms.parameters(low: 0.2, high: 0.2, kl: 0.04)

    let aggregation = LossAggregation.sequenceMean
    private let terms: PolicyTerms

    init(_ parameters: ParameterValues) {
        terms = PolicyTerms(parameters)
    }

    var requirements: DataRequirements { DataRequirements(.sequences, terms.fields) }

    func loss(_ token: TokenView) throws(HoneError) -> Dual { try terms.loss(token) }

    func isClipped(_ token: TokenView) throws(HoneError) -> Bool { try terms.isClipped(token) }
}
