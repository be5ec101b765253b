/// The log-ratio of two language models as a reward: of every token, and in sum of the completion.
///
/// `r_t = β (log π(y_t) - log π_ref(y_t))`, nat times `beta`; the completion's score is the sum over
/// its tokens, the last one included.
///
/// Source: Rafailov et al. 2023, arXiv 2305.18290, equation 5; Yuan et al. 2024, arXiv 2412.01981.
public struct LogRatio: Sendable, Hashable {
    /// The language model that learned what is good, by name.
    public let model: String
    /// What it is compared with, by name; `nil`: the model that it was trained from.
    public let reference: String?
    /// What log-ratios are multiplied by.
    public let beta: Double

    /// The score of a completion from the log-probabilities of its tokens, nat, under both models.
    ///
    /// - Returns: The sum, with the reward of each token; unscored when one of them is not finite, and
    ///   without tokens.
    public func score(_ logprobs: [Float], reference: [Float]) -> RewardScore {
        guard !logprobs.isEmpty, logprobs.count == reference.count else {
            return RewardScore(unscored: "the completion has no tokens")
        }
        let tokens = zip(logprobs, reference).map { Float(beta * (Double($0) - Double($1))) }
        guard tokens.allSatisfy(\.isFinite) else {
            return RewardScore(unscored: "a token's log-ratio is not finite")
        }
        var score = RewardScore(tokens.reduce(0.0) { $0 + Double($1) })
        score.tokens = tokens
        return score
    }
}
