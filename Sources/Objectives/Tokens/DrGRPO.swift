import Domain

/// GRPO without its length bias: sums over tokens are divided by one fixed length.
struct DrGRPO: TokenObjective {
    static let name = "dr_grpo"
    static let summary = "Clipped policy gradient summed over tokens and divided by a fixed length."
    static let source = "Liu et al. 2025, arXiv 2503.20783"
    static let requirements = DataRequirements(.sequences, [.oldLogprobs, .advantages])
    static let defaultAdvantage = "group_mean"
    static let parameters =
        PolicyTerms.parameters(low: 0.2, high: 0.2, kl: 0)
        + [
            ParameterDescription(
                "max_length",
                .integer(1...1_048_576),
                default: 512,
                "The fixed length, tokens: the longest completion that may be sampled."
            )
        ]

    let aggregation: LossAggregation
    private let terms: PolicyTerms

    init(_ parameters: ParameterValues) {
        terms = PolicyTerms(parameters)
        aggregation = .fixedLength(Double(parameters.integer("max_length")))
    }

    var requirements: DataRequirements { DataRequirements(.sequences, terms.fields) }

    func loss(_ token: TokenView) throws(HoneError) -> Dual { try terms.loss(token) }

    func isClipped(_ token: TokenView) throws(HoneError) -> Bool { try terms.isClipped(token) }
}
