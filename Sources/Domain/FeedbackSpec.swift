/// Where a run's verdicts come from.
public struct FeedbackSpec: Sendable, Hashable, Codable {
    /// Who judges completions.
    public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        /// The reward alone.
        case reward
        /// People: the run waits for their verdicts.
        case human
        /// People on a budget of comparisons an iteration; the reward on the rest.
        case mixed
    }

    /// Which comparisons people are asked for first.
    public enum Selection: String, Sendable, Hashable, Codable, CaseIterable {
        /// Those whose outcome is least sure.
        case information
        /// Any.
        case random
    }

    /// What a run does when its time for labels is over.
    public enum Lateness: String, Sendable, Hashable, Codable, CaseIterable {
        /// Goes on with those there are.
        case proceed = "continue"
        /// Fails; resumed, it waits anew.
        case fail
    }

    /// Who judges completions.
    public var mode: Mode
    /// Comparisons asked for in an iteration; `nil`: one for each prompt.
    public var labelBudget: Int?
    /// How long an iteration waits for them, seconds.
    public var waitSeconds: Double
    /// What then.
    public var onDeadline: Lateness
    /// Which are asked for first.
    public var selection: Selection
    /// The share of them that is drawn at random all the same, in 0 to 1.
    public var randomShare: Double
    /// Verdicts wanted on each, each by another person.
    public var labelsPerItem: Int
    /// What makes a comparison tell much.
    public var information = InformationWeights()
    /// Whether the reward models of the run's reward learn from people's verdicts between iterations.
    public var retrainsReward = true
    /// How many verdicts what they knew before is worth.
    public var priorLabels = 32.0
    /// The share of comparisons whose answer is known, where there are such.
    public var goldShare = FeedbackSpec.defaultGoldShare

    /// The share for those who are asked without naming a run.
    public static let defaultGoldShare = 0.1

    /// What the parts of a comparison's information are multiplied by, each in 0 to 1 before.
    public struct InformationWeights: Sendable, Hashable, Codable {
        /// The entropy of the preference that the scores imply, in bit: near equal scores, or an
        /// ensemble that is of two minds.
        public var reward = 1.0
        /// How unsure the policy was of what it wrote: the mean of −log p of the tokens, as a rank
        /// among the iteration's comparisons.
        public var policy = 0.25
        /// How little the two are like what has been asked before: 1 less the largest share of
        /// their pairs of neighbouring tokens in common.
        public var novelty = 0.25

        /// The defaults.
        public init() {}
    }

    /// The defaults: the reward decides.
    public init(
        mode: Mode = .reward,
        labelBudget: Int? = nil,
        waitSeconds: Double = 86_400,
        onDeadline: Lateness = .proceed,
        selection: Selection = .information,
        randomShare: Double = 0.1,
        labelsPerItem: Int = 1
    ) {
        self.mode = mode
        self.labelBudget = labelBudget
        self.waitSeconds = waitSeconds
        self.onDeadline = onDeadline
        self.selection = selection
        self.randomShare = randomShare
        self.labelsPerItem = labelsPerItem
    }
}
