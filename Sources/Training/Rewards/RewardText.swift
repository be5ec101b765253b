public import Domain

/// A text for a reward model: a completion in the light of its prompt.
public struct RewardText: Sendable, Hashable {
    /// The prompt as text.
    public var prompt: String
    /// The whole completion.
    public var completion: String

    /// A completion of a prompt.
    public init(prompt: String, completion: String) {
        self.prompt = prompt
        self.completion = completion
    }
}

/// What a reward model says of one text.
public struct TextScore: Sendable, Hashable {
    /// The score; `nil` where it is no finite number: unscored, never 0.
    public var score: Double?
    /// What the score was made of; empty where the head has one output, or without a score.
    public var outputs: [Double]

    /// A score; a number that is not finite is none.
    init(_ value: Double, outputs: [Double] = []) {
        let isFinite = value.isFinite && outputs.allSatisfy(\.isFinite)
        score = isFinite ? value : nil
        self.outputs = isFinite ? outputs : []
    }
}

/// What a head is fitted to: texts, and what is known of them.
public struct HeadFitData: Sendable {
    /// How it is fitted: `ratings` are for `ridge`, `labels` for `logistic`, `lists` for
    /// `plackettLuce`, pairs for `bradleyTerry`.
    public var method: RewardModelSpec.HeadFit
    /// The texts; each one's features are computed once.
    public var texts: [RewardText]
    /// One per text, or none.
    public var ratings: [Double] = []
    /// Indices into `texts`.
    public var chosen: [Int] = []
    /// Indices into `texts`, each the loser to the chosen at its place.
    public var rejected: [Int] = []
    /// By how much the chosen's score must be the higher one: one per pair, or none.
    public var margins: [Double] = []
    /// The probability that the chosen is truly better: one per pair, or none.
    public var probabilities: [Double] = []
    /// Whether a text is good: one per text, or none.
    public var labels: [Bool] = []
    /// Indices into `texts`, the best first.
    public var lists: [[Int]] = []
    /// The names of `attributeRatings`.
    public var attributes: [String] = []
    /// One list per text, in the order of `attributes`; `nil` where nothing is known.
    public var attributeRatings: [[Double?]] = []

    /// Texts; what is known of them is set by name.
    public init(method: RewardModelSpec.HeadFit, texts: [RewardText]) {
        self.method = method
        self.texts = texts
    }
}
