import Domain

/// A policy whose log-ratio to its reference is a reward of every token, learned from outcomes alone.
struct ImplicitPRM: SequenceObjective {
    static let name = "implicit_prm"
    static let summary =
        "Learns from right and wrong completions a reward of every token: beta times the log-ratio."
    static let source = "Yuan et al. 2024, arXiv 2412.01981, equation 5 (cross-entropy)"
    static let requirements = DataRequirements(.sequences, [.referenceLogprobs, .label])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.05,
            "What the log-ratio to the reference is multiplied by to be a reward."
        )
    ]

    private let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    /// Half of all guesses are right: -log 1/2.
    var lossAtReference: Double? { 0.6931471805599453 }

    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual {
        let reward = beta * (try sequence.logRatio)
        return try sequence.label ? softplus(-reward) : softplus(reward)
    }

    func measures(_ sequence: SequenceView) throws(HoneError) -> [(String, Double)] {
        let reward = beta * (try sequence.logRatio.value)
        let right = reward == 0 ? 0.5 : (reward > 0) == (try sequence.label) ? 1 : 0
        return [("reward/mean", reward), ("preference/accuracy", right)]
    }
}
