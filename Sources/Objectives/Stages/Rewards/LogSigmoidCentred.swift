import Domain

/// The log-probability of beating the reference, as a reward that saturates above it.
struct LogSigmoidCentred: RewardTransform {
    static let name = "log_sigmoid_centred"
    static let aliases = ["lsc"]
    static let summary = "Log of the probability that the reward beats a reference reward."
    static let source = "Wang et al. 2024, arXiv 2402.00742, section 3.1"
    static let parameters = [
        ParameterDescription(
            "reference",
            .number(.any),
            default: .null,
            "The reward to beat; by default the prompt's own, the 85th percentile of a Gaussian "
                + "through its reference rewards."
        )
    ]

    /// The 85th percentile of the standard normal distribution.
    private static let percentile = 1.0364

    private let reference: Double?

    init(_ parameters: ParameterValues) { reference = parameters.optionalNumber("reference") }

    var needsReferences: Bool { reference == nil }

    func transformed(_ reward: Double, _ place: RewardPlace) throws(HoneError) -> Double? {
        if let reference { return -softplus(reference - reward) }
        guard !place.references.isEmpty else { throw missingReference(Self.name, "reference") }
        let moments = Moments(place.references)
        let bar = moments.mean + Self.percentile * moments.deviation
        return -softplus(bar - reward)
    }
}
