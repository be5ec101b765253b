import Domain

/// Group sequence policy optimisation: one ratio for the whole sequence.
struct GSPO: SequenceObjective {
    static let name = "gspo"
    static let summary = "Clipped policy gradient with one length-normalised ratio per sequence."
    static let source = "Zheng et al. 2025, arXiv 2507.18071, equations 5 to 7"
    static let requirements = DataRequirements(.sequences, [.oldLogprobs, .advantages])
    static let parameters = [
        ParameterDescription(
            "clip_low",
            .number(.unit),
            default: 3e-4,
            "How far below 1 the sequence's ratio may fall before the gradient stops."
        ),
        ParameterDescription(
            "clip_high",
            .number(.nonNegative),
            default: 4e-4,
            "How far above 1 the sequence's ratio may rise before the gradient stops."
        ),
    ]

    private let clipLow: Double
    private let clipHigh: Double

    init(_ parameters: ParameterValues) {
        clipLow = parameters.number("clip_low")
        clipHigh = parameters.number("clip_high")
    }

    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual {
        let advantages = try sequence.tokens(.advantages)
        // The exponent is held within ±10, as verl does, so that it cannot overflow.
        let logRatio = try sequence.oldLogRatio / sequence.length
        let ratio = exp(logRatio.clamped(to: -10...10))
        let clipped = ratio.clamped(to: (1 - clipLow)...(1 + clipHigh))
        var sum = Dual(0)
        for (index, advantage) in advantages.enumerated() {
            let weight = sequence.terms.mask?[index] ?? 1
            if weight == 0 { continue }
            sum += weight * larger(-advantage * ratio, -advantage * clipped)
        }
        return sum / sequence.length
    }
}
