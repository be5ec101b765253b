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

/// A comparison that people are asked for.
public struct NewAnnotationItem: Sendable, Hashable {
    /// Completions of one prompt.
    public var first: Int
    /// The other.
    public var second: Int
    /// How much is learned from its answer; higher is asked first.
    public var information: Double

    /// Two completions and how much their comparison tells.
    public init(first: Int, second: Int, information: Double) {
        self.first = first
        self.second = second
        self.information = information
    }
}

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

/// A comparison in somebody's hands.
public struct AnnotationLease: Sendable, Hashable {
    /// What it is answered by.
    public var id: Int
    /// The comparison.
    public var item: Int
    /// The run that asks.
    public var runID: String?
    /// The iteration that asks.
    public var iteration: Int
    /// Who has it.
    public var annotator: String
    /// What both answer.
    public var prompt: Prompt
    /// The texts as shown.
    public var first: FeedbackSubject
    /// The other.
    public var second: FeedbackSubject
    /// Until when it may be answered.
    public var expiresAt: Date
}

/// How far an iteration's questions are.
public struct AnnotationRound: Sendable, Hashable {
    /// When it was opened.
    public var openedAt: Date
    /// When it was closed; `nil` while it takes answers.
    public var closedAt: Date?
    /// Verdicts asked for.
    public var wanted: Int
    /// Verdicts there are.
    public var answered: Int
}

/// Who preferred which of two completions.
public struct StoredComparison: Sendable, Hashable {
    /// Who judged.
    public var annotator: String?
    /// The completion with the lower id.
    public var low: Int
    /// The other.
    public var high: Int
    /// Whether `low` is the better one; `nil` for a tie.
    public var prefersLow: Bool?
    /// How sure.
    public var strength: Double
    /// Whether `low` is known to be the better one; `nil` where nothing is known.
    public var lowIsBetter: Bool?

    /// A comparison.
    public init(
        annotator: String?,
        low: Int,
        high: Int,
        prefersLow: Bool?,
        strength: Double = 1,
        lowIsBetter: Bool? = nil
    ) {
        (self.annotator, self.low, self.high) = (annotator, low, high)
        (self.prefersLow, self.strength) = (prefersLow, strength)
        self.lowIsBetter = lowIsBetter
    }
}
