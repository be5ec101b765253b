import Domain

/// Signals in the order of their weight: the first one in which two completions of a group clearly
/// differ decides which is better.
///
/// Source: HERON, Bukharin et al. 2023, arXiv 2305.18505, section 3. Its reward model is left out: the
/// comparisons are the reward, as the mean of those won.
struct Hierarchy: RewardCombination {
    enum Unit: String, CaseIterable { case absolute, deviations }

    static let name = "hierarchy"
    static let summary =
        "Compares a group by the first of several rewards in which two clearly differ."
    static let parameters = [
        ParameterDescription(
            "rewards",
            .nested,
            default: nil,
            "A list of {\"threshold\": 0, \"reward\": {…}}, the weightiest first; a difference decides "
                + "when it is above the threshold."
        ),
        ParameterDescription(
            "unit",
            .choice(Unit.allCases.map { $0.rawValue }),
            default: "absolute",
            "What thresholds are in: the reward's own scale, or its deviations over the group."
        ),
    ]
    static let partParameters = [
        ParameterDescription(
            "threshold",
            .number(.nonNegative),
            default: 0,
            "The difference above which the part decides."
        )
    ]

    private let thresholds: [Double]
    private let unit: Unit

    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults) {
        thresholds = parts.map { $0.number("threshold") }
        unit = Unit(rawValue: parameters.string("unit")) ?? .absolute
    }

    func combine(_ parts: [LabelledScore]) -> RewardScore {
        RewardScore(unscored: "it is compared with the other completions of its prompt")
    }

    func combine(_ members: [[LabelledScore]], opponents: [[Int]]) -> [RewardScore] {
        let limits = limits(members)
        let group = RewardGroup(
            members.map { _ in RewardInput(prompt: "", completion: "") },
            opponents: opponents
        )
        var comparisons = Comparisons(count: members.count)
        for (one, other) in group.pairs {
            switch Self.probability(members[one], members[other], limits) {
            case .success(let probability):
                comparisons.set(one, beats: other, with: probability)
            case .failure(let missing): comparisons.fail(one, other, missing.score)
            }
        }
        return comparisons.scores(group)
    }

    /// That the first is better: 1, 0, or one half when no level tells them apart.
    private static func probability(
        _ one: [LabelledScore],
        _ other: [LabelledScore],
        _ limits: [Double]
    ) -> Result<Double, Unscored> {
        for (level, limit) in limits.enumerated() {
            switch [one[level], other[level]].values() {
            case .failure(let missing): return .failure(missing)
            case .success(let values):
                let lead = values[0] - values[1]
                if abs(lead) > limit { return .success(lead > 0 ? 1 : 0) }
            }
        }
        return .success(0.5)
    }

    /// The thresholds in the parts' own scales.
    private func limits(_ members: [[LabelledScore]]) -> [Double] {
        guard unit == .deviations else { return thresholds }
        return thresholds.enumerated().map { level, threshold in
            let values = members.compactMap { $0[level].score.value }
            return values.count > 1 ? threshold * unbiasedVariance(values).squareRoot() : 0
        }
    }

    /// Whatever orders the group will do as a level.
    func scale(of parts: [RewardScale], path: String) throws(Faults) -> RewardScale { .preference }
}
