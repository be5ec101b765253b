import WorkerProtocol

/// One token of a completion that a client sees while it is drawn.
public struct StreamedToken: Sendable, Hashable {
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

    init(_ drawn: DrawnToken) {
        self.init(
            prompt: drawn.prompt,
            sample: drawn.sample,
            place: drawn.place,
            token: drawn.token,
            text: drawn.text
        )
    }
}
