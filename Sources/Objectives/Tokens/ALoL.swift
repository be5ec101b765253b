import Domain
import Foundation

/// Advantage leftover-lunch: likelihood of given completions that are better than expected.
struct ALoL: TokenObjective {
    static let name = "a_lol"
    static let summary =
        "Likelihood of given completions, weighted by how much better than expected they are."
    static let source = "Baheti et al. 2023, arXiv 2305.14718"
    static let requirements = DataRequirements(
        .sequences,
        [.referenceLogprobs, .reward, .stateValue]
    )
    static let stopsGradients = true
    static let trend = MetricTrend.rises("policy/advantage_logprob")
    static let parameters =
        [
            ParameterDescription(
                "variant",
                .choice(["sequence", "token", "reference_free", "kl"]),
                default: "sequence",
                "What weighs the likelihood: the ratio of the sequence to the reference, that of each "
                    + "token, nothing, or nothing with a penalty on the log-ratio."
            ),
            ParameterDescription(
                "clip_range",
                .number(.unit),
                default: 0.9,
                "How far from 1 a ratio may weigh."
            ),
            ParameterDescription(
                "kl_coefficient",
                .number(.nonNegative),
                default: 0.2,
                "The weight of the log-ratio in the variant kl."
            ),
        ] + LossAggregation.parameters(.sequenceSum)

    let aggregation: LossAggregation
    private let variant: String
    private let clip: ClosedRange<Double>
    private let klCoefficient: Double

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(parameters)
        variant = parameters.string("variant")
        let range = parameters.number("clip_range")
        clip = (1 - range)...(1 + range)
        klCoefficient = parameters.number("kl_coefficient")
    }

    var requirements: DataRequirements {
        var requirements = Self.requirements
        if variant == "reference_free" { requirements.fields.remove(.referenceLogprobs) }
        return requirements
    }

    /// The weight of all tokens, where they share one.
    func prepared(_ held: SequenceView) throws(HoneError) -> [Double] {
        guard variant == "sequence" else { return [1] }
        let ratio = exp(try held.logRatio.clamped(to: -20...20))
        return [ratio.clamped(to: clip).value]
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let weight = variant == "token" ? try tokenWeight(token) : token.prepared[0]
        // What is no better than expected is left out, by a factor of 0: a NaN still shows up.
        let likelihood = -(weight * (try gain(token))) * token.logprob
        guard variant == "kl" else { return likelihood }
        return likelihood + klCoefficient * (try token.logRatio)
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        [("policy/advantage_logprob", try gain(token) * token.logprob.value)]
    }

    private func tokenWeight(_ token: TokenView) throws(HoneError) -> Double {
        try token.held.ratio(to: .referenceLogprobs).clamped(to: clip).value
    }

    private func gain(_ token: TokenView) throws(HoneError) -> Double {
        let sequence = token.sequence
        let advantage = try sequence.scalar(.reward) - sequence.scalar(.stateValue)
        return advantage <= 0 ? 0 : advantage
    }
}
