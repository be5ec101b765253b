import Domain

/// Kahneman-Tversky optimisation: thumbs up and down, valued against the batch's KL.
struct KTO: SequenceObjective {
    static let name = "kto"
    static let summary = "Learns from single desirable and undesirable completions."
    static let source = "Ethayarajh et al. 2024, arXiv 2402.01306, equation 8"
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
            "desirable_weight",
            .number(.nonNegative),
            default: 1.0,
            "The weight of desirable sequences."
        ),
        ParameterDescription(
            "undesirable_weight",
            .number(.nonNegative),
            default: 1.0,
            "The weight of undesirable sequences."
        ),
        ParameterDescription(
            "kl_baseline",
            .number(.nonNegative),
            default: .null,
            "The reference point in nats; when absent, the mean log-ratio that `baseline` names, "
                + "at least 0."
        ),
        ParameterDescription(
            "baseline",
            .choice(["mismatched", "own"]),
            default: "mismatched",
            "What the reference point is the mean log-ratio of: completions under another prompt "
                + "of the batch (where there is none, the sequence's own), or the sequences as "
                + "they are."
        ),
    ]

    private let beta: Double
    private let desirableWeight: Double
    private let undesirableWeight: Double
    private let klBaseline: Double?
    private let isMismatched: Bool

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        desirableWeight = parameters.number("desirable_weight")
        undesirableWeight = parameters.number("undesirable_weight")
        klBaseline = parameters.optionalNumber("kl_baseline")
        isMismatched = parameters.string("baseline") == "mismatched"
    }

    var requirements: DataRequirements {
        var needs = Self.requirements
        needs.mismatched = isMismatched && klBaseline == nil
        return needs
    }

    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual {
        let baseline = klBaseline ?? max(sequence.statistics.mean("kl_baseline"), 0)
        let gain = beta * (try sequence.logRatio - baseline)
        return try sequence.label
            ? desirableWeight * sigmoid(-gain)
            : undesirableWeight * sigmoid(gain)
    }

    func statistics(of content: ObjectiveBatch.Content) throws(HoneError) -> BatchStatistics {
        var result = BatchStatistics()
        for sequence in try views(of: content) {
            let own = try sequence.held.logRatio.value
            let mismatched = isMismatched ? sequence.terms[scalar: .mismatchedLogRatio] : nil
            result.observe("kl_baseline", mismatched ?? own)
        }
        return result
    }
}
