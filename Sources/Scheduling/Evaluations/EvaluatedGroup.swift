import Domain
import Rewards
import WorkerProtocol

/// One model's completions of one prompt, and what was found of them.
struct EvaluatedGroup: Sendable {
    var prompt: Prompt
    var rollouts: [Rollout]
    /// What the distributions were like, for each completion.
    var figures: [WorkerReply.TokenFigures] = []
    /// For each reward, for each completion; `nil`: unscored.
    var scores: [[Double?]] = []

    /// What a reward sees of each completion.
    var inputs: [RewardInput] {
        rollouts.map {
            RewardInput(
                prompt: prompt.rewardText,
                completion: prompt.prefill + $0.text,
                tokenCount: $0.completionTokens.count
            )
        }
    }
}

/// Texts of one prompt, and what the rewards gave them.
struct ScoredTexts: Sendable {
    var prompt: String
    var completions: [String]
    /// For each reward, for each completion; `nil`: unscored.
    var scores: [[Double?]] = []

    var inputs: [RewardInput] {
        completions.map { RewardInput(prompt: prompt, completion: $0) }
    }
}

/// Two completions of one prompt, the first known to be the better one.
struct LabelledPair: Sendable, Hashable {
    var prompt: String
    var chosen: String
    var rejected: String
    /// How much better, where the data says so.
    var margin: Double?

    var inputs: [RewardInput] {
        [chosen, rejected].map { RewardInput(prompt: prompt, completion: $0) }
    }
}
