import Domain

/// A price on every token.
struct LengthPenalty: RewardTransform {
    static let name = "length_penalty"
    static let summary = "Reward less a price for each trained token."
    static let source = "Singhal et al. 2023, arXiv 2310.03716, section 5"
    static let parameters = [
        ParameterDescription(
            "coefficient",
            .number(.nonNegative),
            default: 0.001,
            "The price of a token, in units of the reward."
        ),
        ParameterDescription(
            "free_tokens",
            .integer(0...1_000_000),
            default: 0,
            "How many tokens cost nothing."
        ),
    ]

    private let coefficient: Double
    private let free: Int

    init(_ parameters: ParameterValues) {
        coefficient = parameters.number("coefficient")
        free = parameters.integer("free_tokens")
    }

    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? {
        reward - coefficient * Double(max(0, place.length - free))
    }
}
