import Domain
import Foundation

/// Bradley–Terry where two may be equally good: a preference probability of 1/2 is a tie.
struct BradleyTerryTies: PairObjective {
    static let name = "bradley_terry_ties"
    static let summary = "Trains a reward model's scores on preference pairs, ties among them."
    static let source =
        "Davidson 1970, equation 2.2; Rao & Kupper 1967, equation 2.1; for reward models Liu et al. "
        + "2024, arXiv 2410.05328"
    static let traits: Set<ObjectiveTrait> = [.marginOnly]
    static let requirements = DataRequirements(.pairs, [.score, .preferenceProbability])
    static let parameters = [
        ParameterDescription(
            "model",
            .choice(["davidson", "rao_kupper"]),
            default: "davidson",
            "How likely a tie is: Davidson's geometric mean of the two, or Rao and Kupper's threshold."
        ),
        ParameterDescription(
            "tie_strength",
            .number(.positive),
            default: 1,
            "Davidson's ν, or the log of Rao and Kupper's θ: how easily two tie."
        ),
    ]

    private let isDavidson: Bool
    private let strength: Double

    init(_ parameters: ParameterValues) {
        isDavidson = parameters.string("model") == "davidson"
        strength = parameters.number("tie_strength")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let gap = try pair.chosen.score - pair.rejected.score
        let probability = try pair.preferenceProbability
        // A tie for certain is 1/2; between it and a certain side both count.
        let side = 2 * probability - 1
        let (win, loss, tie) = isDavidson ? davidson(gap) : raoKupper(gap)
        return max(side, 0) * win + max(-side, 0) * loss + (1 - abs(side)) * tie
    }

    /// -log of e^(g/2), e^(-g/2) and ν over their sum.
    private func davidson(_ gap: Dual) -> (win: Dual, loss: Dual, tie: Dual) {
        let tie = Dual(log(strength))
        let total = logSumExp([gap / 2, -gap / 2, tie])
        return (total - gap / 2, total + gap / 2, total - tie)
    }

    /// -log σ(g - η), -log σ(-g - η) and of what is left.
    private func raoKupper(_ gap: Dual) -> (win: Dual, loss: Dual, tie: Dual) {
        let (win, loss) = (softplus(strength - gap), softplus(gap + strength))
        // 1 - σ(g - η) - σ(-g - η) = (e^2η - 1) σ(g - η) σ(-g - η)
        return (win, loss, win + loss - log(expm1(2 * strength)))
    }
}
