import Domain
import Foundation

/// Efficient exact optimisation: reverse KL between the policy's and the labels' preference.
struct EXO: PairObjective {
    static let name = "exo"
    static let aliases = ["exo_pair"]
    static let summary =
        "Reverse KL from the policy's preference to a smoothed label; "
        + "mode-seeking."
    static let source = "Ji et al. 2024, arXiv 2402.00856"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "epsilon",
            .number(NumericRange(0, 0.5, includesLower: false, includesUpper: false)),
            default: 1e-3,
            "The probability that the label is the wrong way round; it must not be "
                + "0."
        ),
    ]

    let beta: Double
    private let epsilon: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        epsilon = parameters.number("epsilon")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        let agrees = sigmoid(margin) * (logSigmoid(margin) - log(1 - epsilon))
        return agrees + sigmoid(-margin) * (logSigmoid(-margin) - log(epsilon))
    }
}
