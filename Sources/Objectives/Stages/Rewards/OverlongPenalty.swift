import Domain

/// DAPO's soft punishment of completions that come near the limit.
struct OverlongPenalty: RewardTransform {
    static let name = "overlong"
    static let summary = "Reward less a penalty that grows over the last tokens before a limit."
    static let source = "Yu et al. 2025 (DAPO), arXiv 2503.14476, equation 13"
    static let parameters = [
        ParameterDescription(
            "maximum_tokens",
            .integer(1...1_000_000),
            default: nil,
            "Where the penalty is full: the most tokens of a completion."
        ),
        ParameterDescription(
            "cache_tokens",
            .integer(1...1_000_000),
            default: nil,
            "Over how many tokens before that the penalty grows from nothing."
        ),
        ParameterDescription(
            "factor",
            .number(.nonNegative),
            default: 1,
            "The full penalty, in units of the reward."
        ),
    ]

    private let maximum: Int
    private let cache: Int
    private let factor: Double

    init(_ parameters: ParameterValues) {
        maximum = parameters.integer("maximum_tokens")
        cache = parameters.integer("cache_tokens")
        factor = parameters.number("factor")
    }

    var contradiction: ParameterContradiction? {
        ParameterContradiction(
            "cache_tokens",
            if: cache > maximum,
            "must not be above maximum_tokens (\(maximum))"
        )
    }

    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? {
        let excess = min(cache, max(0, place.length - (maximum - cache)))
        return reward - factor * Double(excess) / Double(cache)
    }
}
