public import Domain
public import Foundation

/// A stored completion with its scores.
public struct RolloutRecord: Sendable, Hashable, Codable {
    /// Why it was made.
    public enum Purpose: String, Sendable, Hashable, Codable, CaseIterable {
        /// Sampled by a run to learn from.
        case training
        /// Sampled by a run on held-out prompts.
        case evaluation
        /// Asked for by a client.
        case request
        /// Not sampled: a sequence of a data file.
        case data
        /// Not sampled: a side of a comparison whose answer is known.
        case gold
    }

    /// Unique for ever in one data folder.
    public var id: Int
    /// The run it belongs to; `nil` for clients' requests.
    public var runID: String?
    /// Why it was made.
    public var purpose: Purpose
    /// The iteration it was made in (0: before training); 0 without a run.
    public var iteration: Int
    /// The unit of work it was made in.
    public var unit: Int
    /// Place of its prompt within the iteration's prompts.
    public var promptIndex: Int
    /// Place within the prompt's group.
    public var sampleIndex: Int
    /// What it answers.
    public var prompt: Prompt
    /// Its tokens, text and log-probabilities; the latter are empty for `data`.
    public var rollout: Rollout
    /// What each reward gave, by the rewards' names; empty before it is scored.
    public var scores: [ScoreRecord]
    /// When it was stored.
    public var createdAt: Date

    /// A record; without `scores` it is unscored.
    public init(
        id: Int,
        runID: String?,
        purpose: Purpose,
        iteration: Int,
        unit: Int,
        promptIndex: Int,
        sampleIndex: Int,
        prompt: Prompt,
        rollout: Rollout,
        scores: [ScoreRecord] = [],
        createdAt: Date
    ) {
        self.id = id
        self.runID = runID
        self.purpose = purpose
        self.iteration = iteration
        self.unit = unit
        self.promptIndex = promptIndex
        self.sampleIndex = sampleIndex
        self.prompt = prompt
        self.rollout = rollout
        self.scores = scores
        self.createdAt = createdAt
    }

    /// The score the run learns from; `nil`: not scored (yet), never 0.
    public var reward: Double? { scores.first { $0.reward == ScoreRecord.trained }?.score }
}

/// One reward's verdict on one rollout.
public struct ScoreRecord: Sendable, Hashable, Codable {
    /// The `reward` of the score that the run learns from.
    public static let trained = "reward"

    /// `reward`, or the name of one of `evaluation.rewards`.
    public var reward: String
    /// `nil` means unscored, never 0.
    public var score: Double?
    /// The parts that were combined into `score`, by name.
    public var components: [String: Double?]
    /// How sure the score is, where the reward knows: the deviation over an ensemble's members.
    public var uncertainty: Double?
    /// Why it is unscored; `nil` when it is scored or nobody said.
    public var reason: String?
    /// The reward of each completion token, where the reward gives one; else empty.
    @EmptyIfAbsent public var tokenRewards: [Float]

    /// A verdict; without `components` only the whole is known.
    public init(
        reward: String,
        score: Double?,
        components: [String: Double?] = [:],
        uncertainty: Double? = nil,
        reason: String? = nil,
        tokenRewards: [Float] = []
    ) {
        self.tokenRewards = tokenRewards
        self.reward = reward
        self.score = score
        self.components = components
        self.uncertainty = uncertainty
        self.reason = reason
    }
}
