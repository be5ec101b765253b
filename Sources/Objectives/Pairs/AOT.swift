import Domain

/// Alignment by optimal transport on pairs: the sorted margins of the policy against the sorted
/// margins of the reference, over the whole batch.
struct AOT: PairObjective {
    static let name = "aot"
    static let aliases = ["aot_paired", "aot_pair"]
    static let summary =
        "Raises the whole distribution of the policy's margins above that of the reference's."
    static let source = "Melnyk et al. 2024, arXiv 2406.05882, paired variant"
    static let requirements = DataRequirements(
        .pairs,
        [.referenceLogprobs],
        statistics: .differentiated
    )
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "label_smoothing",
            .number(NumericRange(0, 0.5, includesUpper: false)),
            default: 0,
            "The share of preferences assumed to be the wrong way round."
        ),
    ]

    let beta: Double
    private let labelSmoothing: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        labelSmoothing = parameters.number("label_smoothing")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = pair.chosen.logprob - pair.rejected.logprob
        // A pair without weight has no rank.
        guard pair.terms.weight != 0 else { return 0 * margin }
        return RankMatching(pair.statistics, "policy_margin", with: "reference_margin")
            .mean(at: margin.value) { reference, _ in
                smoothedLogistic(beta * (margin - reference), labelSmoothing)
            }
    }

    func statistics(of content: ObjectiveBatch.Content) throws(HoneError) -> BatchStatistics {
        var result = BatchStatistics()
        for pair in try views(of: content) where pair.terms.weight != 0 {
            let margin = pair.chosen.logprob - pair.rejected.logprob
            let chosen = try pair.chosen.sum(.referenceLogprobs)
            let rejected = try pair.rejected.sum(.referenceLogprobs)
            result.collect("policy_margin", margin.value)
            result.collect("reference_margin", chosen - rejected)
        }
        return result
    }
}
