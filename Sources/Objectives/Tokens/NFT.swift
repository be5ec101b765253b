import Domain
import Foundation

/// Negative-aware fine-tuning: wrong answers teach through the policy that they imply.
struct NFT: TokenObjective {
    static let name = "nft"
    static let summary =
        "Likelihood of correct answers, and of what the wrong ones leave to be correct."
    static let source = "Chen et al. 2025, arXiv 2505.18116"
    static let requirements = DataRequirements(.sequences, [.oldLogprobs, .reward, .stateValue])
    static let stopsGradients = true
    static let parameters =
        [
            ParameterDescription(
                "negative_weight",
                .number(.nonNegative),
                default: 1.0,
                "The weight of wrong answers; 0 learns from correct ones alone."
            ),
            ParameterDescription(
                "clamp_negative",
                .number(NumericRange(0, 1, includesLower: false)),
                default: 1.0,
                "The smallest implied ratio of a wrong answer's tokens; its gradient goes on below."
            ),
            ParameterDescription(
                "clamp_positive",
                .number(.unit),
                default: 0,
                "The smallest ratio of a correct answer's tokens; its gradient goes on below."
            ),
            ParameterDescription(
                "normalise",
                .choice(["none", "failure_rate", "root_odds"]),
                default: "failure_rate",
                "What a prompt of pass rate r counts: 1, 1 - r, or the square root of (1 - r) / r."
            ),
        ] + LossAggregation.parameters(.tokenMean)

    /// Where a reward counts as correct.
    private static let correct = 0.5
    /// Pass rates are held within these, so that nothing is divided by 0.
    private static let passRates = 0.02...0.98

    let aggregation: LossAggregation
    private let negativeWeight: Double
    private let clampNegative: Double
    private let clampPositive: Double
    private let normalise: String

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(parameters)
        negativeWeight = parameters.number("negative_weight")
        clampNegative = parameters.number("clamp_negative")
        clampPositive = parameters.number("clamp_positive")
        normalise = parameters.string("normalise")
    }

    var lossAtReference: Double? { 0 }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let rate = try Dual(token.sequence.scalar(.stateValue)).clamped(to: Self.passRates).value
        let weight = weight(rate)
        if try token.sequence.scalar(.reward) >= Self.correct {
            return -weight * (try positive(token))
        }
        return -(negativeWeight * weight) * (try negative(token, rate))
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        let sequence = token.sequence
        let advantage = try sequence.scalar(.reward) - sequence.scalar(.stateValue)
        return [("policy/advantage_logprob", advantage * token.logprob.value)]
    }

    private func weight(_ rate: Double) -> Double {
        switch normalise {
        case "failure_rate": 1 - rate
        case "root_odds": ((1 - rate) / rate).squareRoot()
        default: 1
        }
    }

    private func positive(_ token: TokenView) throws(HoneError) -> Dual {
        // Without a clamp the log of the ratio needs no ratio.
        guard clampPositive > 0 else { return try logRatio(token) }
        return log(floored(exp(try logRatio(token)), exp(try logRatio(token.held)), clampPositive))
    }

    /// The log of the ratio of correct answers that the wrong ones imply, `(1 - r R) / (1 - r)`.
    private func negative(_ token: TokenView, _ rate: Double) throws(HoneError) -> Dual {
        func implied(_ token: TokenView) throws(HoneError) -> Dual {
            (1 - rate * exp(try logRatio(token))) / (1 - rate)
        }
        return log(floored(try implied(token), try implied(token.held), clampNegative))
    }

    /// `x + sg[max(x, floor) - x]`: the value is clamped, the gradient is not cut.
    private func floored(_ x: Dual, _ held: Dual, _ floor: Double) -> Dual {
        x + (larger(held, Dual(floor)) - held)
    }

    /// `l - l_old`, at most 10.
    private func logRatio(_ token: TokenView) throws(HoneError) -> Dual {
        smaller(token.logprob - (try token.number(.oldLogprobs)), Dual(10))
    }
}
