public import Domain

/// A penalty on drifting from the reference, as part of the reward.
///
/// Source: Ziegler et al. 2019, arXiv 1909.08593, equation 2. No gradient flows through it.
public struct RewardKL: Sendable, Hashable {
    /// The weight of the penalty.
    public var coefficient: Double
    /// How the KL is estimated from one token's log-ratio.
    public var estimator: KLEstimator

    /// A penalty.
    public init(coefficient: Double, estimator: KLEstimator = .k1) {
        self.coefficient = coefficient
        self.estimator = estimator
    }

    /// `-coefficient · k(old - reference)` of each token, 0 where the mask is.
    ///
    /// - Throws: `invalidData` when log-probabilities are missing.
    func penalties(_ completion: StageCompletion) throws(HoneError) -> [Double] {
        let old = try completion.tokens(completion.oldLogprobs, "old_logprobs")
        let reference = try completion.tokens(completion.referenceLogprobs, "reference_logprobs")
        var result = [Double](repeating: 0, count: completion.length)
        for place in completion.trained {
            result[place] = -coefficient * estimator.penalty(old[place] - reference[place])
        }
        return result
    }
}

extension StageCompletion {
    /// Per-token numbers that must be there, one for each token.
    func tokens(_ numbers: [Double]?, _ name: String) throws(HoneError) -> [Double] {
        guard let numbers, numbers.count == length else {
            let given = numbers.map { "has \($0.count) numbers" } ?? "is missing"
            throw HoneError(
                .invalidData,
                "\(name) \(given) for a completion of \(length) tokens",
                param: name
            )
        }
        return numbers
    }
}
