/// One token of a request for completions, told as soon as it is drawn.
public struct DrawnToken: Sendable, Hashable, Codable {
    /// Place of its prompt in the request.
    public var prompt: Int
    /// Its completion's number in the prompt's group.
    public var sample: Int
    /// Its place in the completion.
    public var place: Int
    /// Its id.
    public var token: Int32
    /// What it added to the completion's text; empty while a character or a stop string may go on.
    public var text: String

    /// A token of its content.
    public init(
        prompt: Int,
        sample: Int,
        place: Int,
        token: Int32,
        text: String
    ) {
        self.prompt = prompt
        self.sample = sample
        self.place = place
        self.token = token
        self.text = text
    }
}
