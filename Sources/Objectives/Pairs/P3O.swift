import Domain

/// Pairwise proximal policy optimisation: two completions are each other's baseline.
struct P3O: PairObjective {
    static let name = "p3o"
    static let summary =
        "Clipped policy gradient on pairs, by the difference of their rewards, without a critic."
    static let source = "Wu et al. 2023, arXiv 2310.00212"
    static let requirements = DataRequirements(.pairs, [.oldLogprobs, .reward])
    static let stopsGradients = true
    static let traits: Set<ObjectiveTrait> = [.rewardShift]
    static let parameters = [
        ParameterDescription(
            "clipping",
            .choice(["separate", "joint"]),
            default: "separate",
            "Whether each completion's ratio is clipped (V1), or the log of the two ratios' quotient (V2)."
        ),
        ParameterDescription(
            "clip_range",
            .number(.unit),
            default: 0.2,
            "How far a ratio may move from 1, or the log of the quotient from 0."
        ),
        ParameterDescription(
            "weighted",
            .bool,
            default: true,
            "Whether ratios weigh the pair as constants; without effect on the first step after sampling."
        ),
        ParameterDescription(
            "kl_coefficient",
            .number(.nonNegative),
            default: 0,
            "What the old policy's log-ratio to the reference is multiplied by before it comes off the reward."
        ),
    ]

    private let isJoint: Bool
    private let clipRange: Double
    private let isWeighted: Bool
    private let klCoefficient: Double

    init(_ parameters: ParameterValues) {
        isJoint = parameters.string("clipping") == "joint"
        clipRange = parameters.number("clip_range")
        isWeighted = parameters.bool("weighted")
        klCoefficient = parameters.number("kl_coefficient")
    }

    var requirements: DataRequirements {
        var requirements = Self.requirements
        if klCoefficient > 0 { requirements.fields.insert(.referenceLogprobs) }
        return requirements
    }

    var lossAtReference: Double? { 0 }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let gap = try reward(pair.chosen) - reward(pair.rejected)
        var weights = (chosen: 1.0, rejected: 1.0)
        if isWeighted {
            let held = try pair.held
            weights = (try ratio(held.chosen).value, try ratio(held.rejected).value)
        }
        if isJoint {
            let move = try pair.chosen.oldLogRatio - pair.rejected.oldLogRatio
            let gain = smaller(gap * move, gap * move.clamped(to: -clipRange...clipRange))
            return -0.5 * weights.chosen * weights.rejected * gain
        }
        let chosen = try clipped(pair.chosen, gap)
        let rejected = try clipped(pair.rejected, -gap)
        return -0.5 * (weights.rejected * chosen + weights.chosen * rejected)
    }

    /// The reward less the penalty that the policy had earned when it sampled.
    private func reward(_ side: SequenceView) throws(HoneError) -> Double {
        let reward = try side.scalar(.reward)
        guard klCoefficient > 0 else { return reward }
        let logRatio = try side.sum(.oldLogprobs) - side.sum(.referenceLogprobs)
        return reward - klCoefficient * logRatio
    }

    /// The ratio of the whole completion; the exponent is held within ±20.
    private func ratio(_ side: SequenceView) throws(HoneError) -> Dual {
        exp(try side.oldLogRatio.clamped(to: -20...20))
    }

    private func clipped(_ side: SequenceView, _ gap: Double) throws(HoneError) -> Dual {
        let ratio = try ratio(side)
        return smaller(gap * ratio, gap * ratio.clamped(to: (1 - clipRange)...(1 + clipRange)))
    }
}
