public import Domain

/// A comparison whose answer is known, to be stored.
public struct NewGoldItem: Sendable, Hashable {
    /// What both answer.
    public var prompt: Prompt
    /// A text.
    public var first: String
    /// The other.
    public var second: String
    /// Which is the better one: `first` or `second`.
    public var truth: Verdict.Choice

    /// Two texts and which is the better one.
    public init(prompt: Prompt, first: String, second: String, truth: Verdict.Choice) {
        (self.prompt, self.first, self.second, self.truth) = (prompt, first, second, truth)
    }
}

/// A stored comparison whose answer is known.
public struct GoldItemRecord: Sendable, Hashable {
    /// Unique among all comparisons.
    public var id: Int
    /// The run it is mixed into; `nil`: all.
    public var runID: String?
    /// What is compared, and what is known.
    public var content: NewGoldItem
    /// Answers there are, ties among them.
    public var answered: Int
    /// Those that were right.
    public var right: Int

    /// A record.
    public init(id: Int, runID: String?, content: NewGoldItem, answered: Int = 0, right: Int = 0) {
        (self.id, self.runID, self.content) = (id, runID, content)
        (self.answered, self.right) = (answered, right)
    }
}
