import Domain

/// Decoupled clip and dynamic sampling policy optimisation: every token counts the same.
struct DAPO: TokenObjective {
    static let name = "dapo"
    static let summary =
        "Clipped policy gradient over all tokens, with a higher upper clip and no KL penalty."
    static let source = "Yu et al. 2025, arXiv 2503.14476, equation 8"
    static let requirements = DataRequirements(.sequences, [.oldLogprobs, .advantages])
    static let parameters = PolicyTerms.parameters(low: 0.2, high: 0.28, kl: 0)

    let aggregation = LossAggregation.tokenMean
    private let terms: PolicyTerms

    init(_ parameters: ParameterValues) {
        terms = PolicyTerms(parameters)
    }

    var requirements: DataRequirements { DataRequirements(.sequences, terms.fields) }

    func loss(_ token: TokenView) throws(HoneError) -> Dual { try terms.loss(token) }

    func isClipped(_ token: TokenView) throws(HoneError) -> Bool { try terms.isClipped(token) }
}
