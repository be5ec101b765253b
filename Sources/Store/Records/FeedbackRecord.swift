public import Domain
public import Foundation

/// One of the texts that a verdict is about.
public struct FeedbackSubject: Sendable, Hashable, Codable {
    /// The stored completion; `nil` for a text that was given as it is.
    public var rollout: Int?
    /// The text.
    public var text: String

    /// A text, and the completion it is where it is one.
    public init(rollout: Int? = nil, text: String) {
        self.rollout = rollout
        self.text = text
    }
}

/// A verdict to be stored.
public struct NewFeedback: Sendable, Hashable {
    /// The run it is for; with rollouts the one that sampled them.
    public var runID: String?
    /// What is said.
    public var verdict: Verdict
    /// What the texts answer; of rollouts their own.
    public var prompt: Prompt
    /// What it is about, in the verdict's order.
    public var subjects: [FeedbackSubject]
    /// Who says it.
    public var annotator: String?
    /// Why.
    public var rationale: String?
    /// How long it took, seconds.
    public var seconds: Double?
    /// Through what it came: `api`, `queue` or an integration's name.
    public var source: String
    /// The source's own id: the same one again changes nothing.
    public var externalID: String?

    /// A verdict; what is not named here can be set after.
    public init(
        _ verdict: Verdict,
        prompt: Prompt = .text(""),
        subjects: [FeedbackSubject],
        source: String = "api"
    ) {
        self.verdict = verdict
        self.prompt = prompt
        self.subjects = subjects
        self.source = source
    }
}

/// A stored verdict.
public struct FeedbackRecord: Sendable, Hashable {
    /// Unique for ever in one data folder.
    public var id: Int
    /// The run it belongs to.
    public var runID: String?
    /// The iteration whose completions it is about; `nil` for other texts.
    public var iteration: Int?
    /// What was said, of what, by whom.
    public var content: NewFeedback
    /// The order of the sides in which it was asked; `nil` where nothing was asked.
    public var swapped: Bool?
    /// The asked comparison it answers.
    public var item: Int?
    /// What is known to be right, where that comparison only measures how often annotators are.
    public var truth: Verdict.Choice?
    /// When it was stored.
    public var createdAt: Date
    /// When it was taken back; `nil` while it stands.
    public var withdrawnAt: Date?
    /// The corrected one.
    public var replacedBy: Int?
    /// What has been learned from it: run and iteration.
    public var uses: [FeedbackUse] = []

    /// A record; what is not named here can be set after.
    public init(id: Int, content: NewFeedback, createdAt: Date) {
        self.id = id
        self.content = content
        self.createdAt = createdAt
        runID = content.runID
    }
}

/// One use of a verdict.
public struct FeedbackUse: Sendable, Hashable, Codable {
    /// Who learned from it.
    public var runID: String
    /// In which iteration.
    public var iteration: Int
}

/// What became of a verdict that was given in.
public struct FeedbackReceipt: Sendable, Hashable {
    /// Its id.
    public var id: Int
    /// Whether it had been there before; then nothing was changed.
    public var isDuplicate: Bool
}
