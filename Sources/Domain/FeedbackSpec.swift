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
