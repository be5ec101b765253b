import Domain

/// The product of several rewards: 0 as soon as one is 0.
struct Product: RewardCombination {
    static let name = "product"
    static let summary = "The product of several rewards: 0 as soon as one is 0."
    static let parameters = [
        ParameterDescription("rewards", .nested, default: nil, "A list of rewards, {\"name\", …}.")
    ]

    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults) {}

    func combine(_ parts: [LabelledScore]) -> RewardScore {
        parts.scored { values in RewardScore(values.reduce(1, *)) }
    }
}
