import Domain

/// Triple preference optimisation: a demonstration is imitated while two completions are contrasted.
struct TriplePO: PairObjective {
    static let name = "triple_po"
    static let aliases = ["tpo_triple"]
    static let summary =
        "Likelihood of a gold completion plus a logistic loss on two others, without a reference."
    static let source = "Saeidi et al. 2024, arXiv 2405.16681"
    static let requirements = DataRequirements(.pairs, [.gold])
    static let traits: Set<ObjectiveTrait> = [.marginOnly]
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.01,
            "What the margin of log-likelihoods is multiplied by."
        ),
        ParameterDescription(
            "alpha",
            .number(.nonNegative),
            default: 1.0,
            "The weight of the gold completion's mean negative log-likelihood."
        ),
        ParameterDescription(
            "length_average",
            .bool,
            default: false,
            "Whether log-likelihoods are per token, with a demanded margin (TPO-L)."
        ),
        ParameterDescription(
            "gamma",
            .number(.nonNegative),
            default: 0.5,
            "The margin demanded with length_average."
        ),
    ]

    let beta: Double
    private let alpha: Double
    private let lengthAverage: Bool
    private let gamma: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        alpha = parameters.number("alpha")
        lengthAverage = parameters.bool("length_average")
        gamma = parameters.number("gamma")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin =
            lengthAverage
            ? beta * (pair.chosen.averageLogprob - pair.rejected.averageLogprob) - gamma
            : beta * (pair.chosen.logprob - pair.rejected.logprob)
        return softplus(-margin) - alpha * (try pair.gold.averageLogprob)
    }

    func measures(_ pair: PairView) throws(HoneError) -> [(String, Double)] {
        [("policy/gold_logprob", try pair.gold.logprob.value)]
    }
}
