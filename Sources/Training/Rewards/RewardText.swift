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
