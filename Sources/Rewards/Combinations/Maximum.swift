import Domain

/// The highest of several rewards.
struct Maximum: RewardCombination {
    static let name = "max"
    static let summary = "The highest of several rewards."
    static let parameters = [
        ParameterDescription("rewards", .nested, default: nil, "A list of rewards, {\"name\", …}.")
    ]

    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults) {}

    func combine(_ parts: [LabelledScore]) -> RewardScore {
        parts.scored { values in RewardScore(values.max() ?? .nan) }
    }
}
