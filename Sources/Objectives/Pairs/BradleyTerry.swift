import Domain

/// The reward-model loss: the chosen completion's score above the rejected one's.
struct BradleyTerry: PairObjective {
    static let name = "bradley_terry"
    static let aliases = ["reward_model"]
    static let summary = "Trains a reward model's scores to order preference pairs."
    static let source =
        "Bradley & Terry 1952; margin: Touvron et al. 2023, arXiv 2307.09288, equation 2; "
        + "centring: Eisenstein et al. 2023, arXiv 2312.09244"
    static let traits: Set<ObjectiveTrait> = [.marginOnly]
    static let requirements = DataRequirements(.pairs, [.score])
    static let parameters = [
        ParameterDescription(
            "label_smoothing",
            .number(NumericRange(0, 0.5, includesUpper: false)),
            default: 0,
            "The share of preferences assumed to be the wrong way round."
        ),
        ParameterDescription(
            "margin_coefficient",
            .number(.nonNegative),
            default: 1,
            "What a pair's margin, where it has one, is multiplied by before it is demanded."
        ),
        ParameterDescription(
            "soft_labels",
            .bool,
            default: false,
            "Whether each pair's preference_probability is the label, in place of certainty."
        ),
        ParameterDescription(
            "centring_coefficient",
            .number(.nonNegative),
            default: 0,
            "The weight of the squared sum of the two scores, which keeps scores around zero."
        ),
        ParameterDescription(
            "l2_coefficient",
            .number(.nonNegative),
            default: 0,
            "The weight of the sum of the two squared scores, which keeps scores small."
        ),
    ]

    private let labelSmoothing: Double
    private let marginCoefficient: Double
    private let softLabels: Bool
    private let centringCoefficient: Double
    private let l2Coefficient: Double

    init(_ parameters: ParameterValues) {
        labelSmoothing = parameters.number("label_smoothing")
        marginCoefficient = parameters.number("margin_coefficient")
        softLabels = parameters.bool("soft_labels")
        centringCoefficient = parameters.number("centring_coefficient")
        l2Coefficient = parameters.number("l2_coefficient")
    }

    var requirements: DataRequirements {
        DataRequirements(.pairs, softLabels ? [.score, .preferenceProbability] : [.score])
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let (chosen, rejected) = (try pair.chosen.score, try pair.rejected.score)
        let demanded = marginCoefficient * (pair.terms.margin ?? 0)
        let certainty = softLabels ? try pair.preferenceProbability : 1
        let flipped = (1 - certainty) + (2 * certainty - 1) * labelSmoothing
        let order = smoothedLogistic(chosen - rejected - demanded, flipped)
        let centring = centringCoefficient * (chosen + rejected).squared
        return order + centring + l2Coefficient * (chosen.squared + rejected.squared)
    }
}
