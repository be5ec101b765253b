import Domain

/// Binary classifier optimisation: a logistic classifier of good and bad completions.
struct BCO: SequenceObjective {
    static let name = "bco"
    static let summary = "Logistic classification of desirable and undesirable completions."
    static let source = "Jung et al. 2024, arXiv 2404.04656"
    static let requirements = DataRequirements(
        .sequences,
        [.referenceLogprobs, .label],
        statistics: .detached
    )
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "delta",
            .number(.any),
            default: .null,
            "The reward shift; when absent, the batch's mean implicit reward."
        ),
    ]

    private let beta: Double
    private let delta: Double?

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        delta = parameters.optionalNumber("delta")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual {
        let shift = delta ?? sequence.statistics.mean("delta")
        let reward = beta * (try sequence.logRatio) - shift
        return try sequence.label ? softplus(-reward) : softplus(reward)
    }

    func statistics(of content: ObjectiveBatch.Content) throws(HoneError) -> BatchStatistics {
        var result = BatchStatistics()
        for sequence in try views(of: content) {
            result.observe("delta", beta * (try sequence.held.logRatio.value))
        }
        return result
    }
}
