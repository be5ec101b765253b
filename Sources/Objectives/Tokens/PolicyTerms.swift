import Domain

/// What the clipped policy-gradient objectives share: the surrogate, its clips, the penalty on
/// drifting from the reference, the bonus on entropy and the correction for a stale sampler.
struct PolicyTerms: Sendable {
    private let clipLow: Double
    private let clipHigh: Double
    private let dualClip: Double?
    private let klCoefficient: Double
    private let klEstimator: KLEstimator
    private let entropyCoefficient: Double
    private let importanceCap: Double?

    /// The shared parameters, with an objective's own defaults.
    static func parameters(low: Double, high: Double, kl: Double) -> [ParameterDescription] {
        let above = NumericRange(1, .infinity, includesLower: false)
        return [
            ParameterDescription(
                "clip_low",
                .number(.unit),
                default: .number(low),
                "How far below 1 the ratio may fall before the gradient stops."
            ),
            ParameterDescription(
                "clip_high",
                .number(.nonNegative),
                default: .number(high),
                "How far above 1 the ratio may rise before the gradient stops."
            ),
            ParameterDescription(
                "dual_clip",
                .number(above),
                default: .null,
                "The ratio beyond which tokens of negative advantage give no gradient; none by default."
            ),
            ParameterDescription(
                "kl_coefficient",
                .number(.nonNegative),
                default: .number(kl),
                "The weight of the KL penalty to the reference, in the loss."
            ),
            ParameterDescription(
                "kl_estimator",
                .choice(KLEstimator.allCases.map { $0.rawValue }),
                default: "k3",
                "How the KL is estimated from one token's log-ratio."
            ),
            ParameterDescription(
                "entropy_coefficient",
                .number(.nonNegative),
                default: 0,
                "The weight of the bonus on the policy's entropy."
            ),
            ParameterDescription(
                "importance_cap",
                .number(.positive),
                default: .null,
                "The largest weight that corrects for the sampler's own log-probabilities; none by default."
            ),
        ]
    }

    init(_ parameters: ParameterValues) {
        clipLow = parameters.number("clip_low")
        clipHigh = parameters.number("clip_high")
        dualClip = parameters.optionalNumber("dual_clip")
        klCoefficient = parameters.number("kl_coefficient")
        klEstimator = KLEstimator(rawValue: parameters.string("kl_estimator")) ?? .k3
        entropyCoefficient = parameters.number("entropy_coefficient")
        importanceCap = parameters.optionalNumber("importance_cap")
    }

    /// The data that these parameters call for.
    var fields: Set<BatchField> {
        var fields: Set<BatchField> = [.oldLogprobs, .advantages]
        if klCoefficient > 0 { fields.insert(.referenceLogprobs) }
        if entropyCoefficient > 0 { fields.insert(.entropies) }
        if importanceCap != nil { fields.insert(.behaviorLogprobs) }
        return fields
    }

    /// The loss of one token: `-min(ρA, clip(ρ)A)`, penalty and bonus.
    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        var loss = try importance(token) * surrogate(token)
        if klCoefficient > 0 { loss += klCoefficient * klEstimator.penalty(try token.logRatio) }
        if entropyCoefficient > 0 { loss += -entropyCoefficient * (try token.entropy) }
        return loss
    }

    /// Whether the clipped branch is the larger loss, so that the token gives no gradient.
    func isClipped(_ token: TokenView) throws(HoneError) -> Bool {
        let (ratio, advantage) = (try token.ratio, try token.advantage)
        return -advantage * clip(ratio).value > -advantage * ratio.value
    }

    private func clip(_ ratio: Dual) -> Dual { ratio.clamped(to: (1 - clipLow)...(1 + clipHigh)) }

    private func surrogate(_ token: TokenView) throws(HoneError) -> Dual {
        let (ratio, advantage) = (try token.ratio, try token.advantage)
        let pessimistic = larger(-advantage * ratio, -advantage * clip(ratio))
        guard let dualClip, advantage < 0 else { return pessimistic }
        return smaller(pessimistic, Dual(-dualClip * advantage))
    }

    /// Truncated importance sampling: the trainer's old probability over the sampler's, capped,
    /// constant, and outside of the minimum.
    private func importance(_ token: TokenView) throws(HoneError) -> Double {
        guard let importanceCap else { return 1 }
        let gap = (try token.number(.oldLogprobs)) - (try token.number(.behaviorLogprobs))
        return min(exp(Dual(min(gap, 20))).value, importanceCap)
    }
}
