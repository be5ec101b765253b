import Domain

/// Several rewards of one thing, which are trusted the less the more they disagree.
///
/// Source: Coste et al. 2023, arXiv 2310.02743, equations 3 to 5; the variance unbiased, as in its code.
struct Ensemble: RewardCombination {
    enum Rule: String, CaseIterable {
        case mean
        case worstCase = "worst_case"
        case uncertaintyWeighted = "uncertainty_weighted"
    }

    static let name = "ensemble"
    static let summary =
        "Several rewards of one thing: their mean, their worst, or less when unsure."
    static let parameters = [
        ParameterDescription(
            "rewards",
            .nested,
            default: nil,
            "A list of rewards, {\"name\", …}; one reward model with an ensemble of heads counts as its "
                + "members."
        ),
        ParameterDescription(
            "rule",
            .choice(Rule.allCases.map { $0.rawValue }),
            default: "mean",
            "The mean, the lowest (WCO), or the mean less coefficient times the variance (UWO)."
        ),
        ParameterDescription(
            "coefficient",
            .number(.nonNegative),
            default: 1,
            "What the variance is multiplied by, for uncertainty_weighted."
        ),
    ]

    private let rule: EnsembleRule

    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults) {
        rule =
            switch Rule(rawValue: parameters.string("rule")) {
            case .worstCase: .worstCase
            case .uncertaintyWeighted: .uncertaintyWeighted(parameters.number("coefficient"))
            case .mean, nil: .mean
            }
    }

    /// One unscored member leaves all unscored: that of the others is another ensemble's.
    func combine(_ parts: [LabelledScore]) -> RewardScore {
        parts.scored { values in
            let members = zip(parts, values).flatMap { part, value in
                part.score.members.isEmpty ? [value] : part.score.members
            }
            var score = score(members)
            score.members = members
            return score
        }
    }

    private func score(_ members: [Double]) -> RewardScore {
        if members.count < 2 && rule != .mean {
            return RewardScore(unscored: "an ensemble of one has nothing to compare")
        }
        return rule.score(members.reduce(0, +) / Double(members.count), members: members)
    }

    /// The mean of win rates is a win rate; their worst or their variance is none.
    func scale(of parts: [RewardScale], path: String) throws(Faults) -> RewardScale {
        if parts.allSatisfy({ $0 == .score }) { return .score }
        if rule == .mean && parts.allSatisfy({ $0 == .preference }) { return .preference }
        let message =
            "an ensemble is of scores, or by the mean of rewards that all compare: win rates and scores "
            + "have no common scale"
        throw Faults([Fault(path: "\(path).rewards", message: message)])
    }
}

/// The variance of at least two numbers, n − 1.
func unbiasedVariance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
}
