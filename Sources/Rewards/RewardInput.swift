public import Domain

/// What a reward looks at.
public struct RewardInput: Sendable, Hashable {
    /// The prompt as text.
    public var prompt: String
    /// The completion as text, without special tokens.
    public var completion: String
    /// The number of sampled tokens, where it is known.
    public var tokenCount: Int?
    /// The other fields of the prompt's record, for graders; an empty object when there are none.
    public var item: Value
    /// The tokens of the rendered prompt as a run's policy read them; empty where only the text is known.
    public var promptTokens: [Int32] = []
    /// The tokens that the policy drew, its end token included.
    public var completionTokens: [Int32] = []

    /// A completion of a prompt.
    public init(
        prompt: String,
        completion: String,
        tokenCount: Int? = nil,
        item: Value = .object([:])
    ) {
        self.prompt = prompt
        self.completion = completion
        self.tokenCount = tokenCount
        self.item = item
    }
}
