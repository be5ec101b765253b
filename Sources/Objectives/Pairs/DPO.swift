import Domain

/// Direct preference optimisation, with the conservative form's label smoothing.
struct DPO: PairObjective {
    static let name = "dpo"
    static let summary =
        "Raises chosen over rejected completions, measured from a reference."
    static let source =
        "Rafailov et al. 2023, arXiv 2305.18290, equation 7; cDPO: Mitchell 2023"
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
            "label_smoothing",
            .number(NumericRange(0, 0.5, includesUpper: false)),
            default: 0,
            "The share of preferences assumed to be the wrong way round (cDPO)."
        ),
    ]

    let beta: Double
    private let labelSmoothing: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        labelSmoothing = parameters.number("label_smoothing")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        return smoothedLogistic(margin, labelSmoothing)
    }
}

/// `-(1-ε) log σ(z) - ε log σ(-z)`: the logistic loss with a share `ε` of flipped labels.
func smoothedLogistic(_ z: Dual, _ flipped: Double) -> Dual {
    (1 - flipped) * softplus(-z) + flipped * softplus(z)
}
