import Domain

/// Generalised advantage estimation over the tokens of one completion.
struct GeneralizedAdvantage: AdvantageEstimator {
    static let name = "gae"
    static let summary =
        "Discounted sum of the value head's errors, from the last token back."
    static let source = "Schulman et al. 2016, arXiv 1506.02438, equation 16"
    static let isPerToken = true
    static let needsValues = true
    static let parameters = [
        ParameterDescription(
            "gamma",
            .number(.unit),
            default: 1,
            "What a reward one token later is worth."
        ),
        ParameterDescription(
            "gae_lambda",
            .number(.unit),
            default: 0.95,
            "0 trusts the value head alone, 1 the rewards alone."
        ),
    ]

    private let gamma: Double
    private let lambda: Double

    init(_ parameters: ParameterValues) {
        gamma = parameters.number("gamma")
        lambda = parameters.number("gae_lambda")
    }

    /// Masked tokens get 0 and are stepped over: what comes after them is carried across.
    func advantages(_ input: AdvantageInput) throws(HoneError) -> [Double] {
        let count = input.rewards.count
        guard let values = input.values, values.count == count else {
            throw HoneError(
                .invalidData,
                "gae needs values, one for each of the \(count) rewards",
                param: "values"
            )
        }
        guard input.mask.map({ $0.count == count }) ?? true else {
            throw HoneError(.invalidData, "mask must have \(count) numbers", param: "mask")
        }
        var result = [Double](repeating: 0, count: count)
        var (nextValue, nextAdvantage) = (0.0, 0.0)
        for index in input.rewards.indices.reversed() where input.mask?[index] != 0 {
            guard let reward = input.rewards[index] else {
                throw HoneError(.invalidData, "rewards[\(index)] is missing", param: "rewards")
            }
            let error = reward + gamma * nextValue - values[index]
            nextAdvantage = error + gamma * lambda * nextAdvantage
            nextValue = values[index]
            result[index] = nextAdvantage
        }
        guard result.allSatisfy(\.isFinite) else {
            throw HoneError(
                .notANumber,
                "an advantage is not a finite number; look at the rewards and values",
                param: "values"
            )
        }
        return result
    }
}
