import Domain

/// The lowest of several rewards.
struct Minimum: RewardCombination {
    static let name = "min"
    static let summary = "The lowest of several rewards."
    static let parameters = [
        ParameterDescription("rewards", .nested, default: nil, "A list of rewards, {\"name\", …}.")
    ]

    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults) {}

    func combine(_ parts: [LabelledScore]) -> RewardScore {
        parts.scored { values in RewardScore(values.min() ?? .nan) }
    }
}
