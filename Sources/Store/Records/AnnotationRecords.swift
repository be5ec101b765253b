public import Domain
public import Foundation

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
