import Domain

/// A hinge on the log-ratio margin: pairs that are far enough apart give no gradient.
struct HingePreference: PairObjective {
    static let name = "hinge"
    static let aliases = ["rso_hinge"]
    static let summary = "Hinge on the log-ratio margin: pairs far enough apart are left alone."
    static let source = "Liu et al. 2023 (RSO), arXiv 2309.06657"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.05,
            "The paper's gamma: a pair is satisfied when its margin reaches 1/beta."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    var lossAtReference: Double? { 1 }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        return positivePart(1 - margin)
    }
}
