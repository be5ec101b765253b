import Domain
import Foundation

/// Weighted preference optimisation: pairs count by how likely the policy is to write them.
struct WPO: PairObjective {
    static let name = "wpo"
    static let summary =
        "DPO in which each pair weighs as much as the policy would write it itself."
    static let source = "Zhou et al. 2024, arXiv 2406.11827"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .collisions])
    static let stopsGradients = true
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.01,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "label_smoothing",
            .number(NumericRange(0, 0.5, includesUpper: false)),
            default: 0,
            "The share of preferences assumed to be the wrong way round."
        ),
        ParameterDescription(
            "clamp",
            .bool,
            default: true,
            "Whether a pair's weight is held to at most 1 (the authors), or not (TRL)."
        ),
    ]

    let beta: Double
    private let labelSmoothing: Double
    private let clamps: Bool

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        labelSmoothing = parameters.number("label_smoothing")
        clamps = parameters.bool("clamp")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        return try weight(pair) * smoothedLogistic(margin, labelSmoothing)
    }

    func measures(_ pair: PairView) throws(HoneError) -> [(String, Double)] {
        [("policy/pair_weight", try weight(pair))]
    }

    private func weight(_ pair: PairView) throws(HoneError) -> Double {
        let held = try pair.held
        let weight = exp(try logWeight(held.chosen) + logWeight(held.rejected))
        return clamps && weight > 1 ? 1 : weight
    }

    /// The mean over tokens of the log-probability, less what it would be for the policy's own token.
    private func logWeight(_ side: SequenceView) throws(HoneError) -> Double {
        var sum = side.logprob.value
        for (index, collisions) in try side.tokens(.collisions).enumerated() {
            let weight = side.terms.mask?[index] ?? 1
            if weight > 0 { sum -= weight * log(collisions) }
        }
        return sum / max(side.length, 1)
    }
}
