import Domain

/// Mirror descent policy optimisation: a KL to the last iterate in place of a clip.
struct MirrorDescent: TokenObjective {
    static let name = "mdpo"
    static let aliases = ["mirror_descent"]
    static let summary =
        "Policy gradient with a penalty on leaving the last iterate, nothing clipped."
    static let source =
        "Tomar et al. 2020, arXiv 2005.09814; squared form: Kimi Team 2025, arXiv 2501.12599"
    static let requirements = DataRequirements(.sequences, [.oldLogprobs, .advantages])
    static let preset = StagePreset()
    static let trend = MetricTrend.rises("policy/advantage_logprob")
    static let parameters =
        [
            ParameterDescription(
                "form",
                .choice(["kl", "squared"]),
                default: "kl",
                "Ratio times advantage with a KL per token, or the squared error of a whole sequence."
            ),
            ParameterDescription(
                "step_size",
                .number(.positive),
                default: 1.0,
                "The paper's t_k: the KL of the form kl is divided by it."
            ),
            ParameterDescription(
                "tau",
                .number(.positive),
                default: 0.1,
                "What the log-ratio of the form squared is multiplied by."
            ),
        ] + LossAggregation.parameters(.sequenceMean)

    let aggregation: LossAggregation
    private let isSquared: Bool
    private let stepSize: Double
    private let tau: Double

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(parameters)
        isSquared = parameters.string("form") == "squared"
        stepSize = parameters.number("step_size")
        tau = parameters.number("tau")
    }

    /// The mean advantage and the summed old log-probabilities of the form squared.
    func prepared(_ held: SequenceView) throws(HoneError) -> [Double] {
        guard isSquared else { return [] }
        return [try held.sum(.advantages) / max(held.length, 1), try held.sum(.oldLogprobs)]
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        if isSquared {
            let move = token.sequence.logprob - token.prepared[1]
            return (token.prepared[0] - tau * move).squared / 2
        }
        let move = token.logprob - (try token.number(.oldLogprobs))
        let gain = try token.advantage * token.ratio
        return KLEstimator.k3.penalty(move) / stepSize - gain
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        [("policy/advantage_logprob", try token.advantage * token.logprob.value)]
    }
}
