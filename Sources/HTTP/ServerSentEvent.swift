/// One event of an event stream (WHATWG HTML §9.2).
public struct ServerSentEvent: Sendable, Hashable {
    /// The type; nil is "message".
    public var event: String?
    /// The payload, any number of lines.
    public var data: String
    /// What a client sends as `Last-Event-ID` when it comes back.
    public var id: String?
    /// How long a client is to wait before it comes back, in milliseconds.
    public var retryMilliseconds: Int?

    /// Makes an event.
    public init(
        data: String,
        event: String? = nil,
        id: String? = nil,
        retryMilliseconds: Int? = nil
    ) {
        self.data = data
        self.event = event
        self.id = id
        self.retryMilliseconds = retryMilliseconds
    }

    /// The event as it is sent, with its empty line.
    ///
    /// Line breaks in `event` and `id` become spaces.
    public var encoded: [UInt8] {
        var text = ""
        if let retryMilliseconds { text += "retry: \(retryMilliseconds)\n" }
        if let id { text += "id: \(ServerSentEvent.oneLine(id))\n" }
        if let event { text += "event: \(ServerSentEvent.oneLine(event))\n" }
        let lines = data.replacing("\r\n", with: "\n").split(
            omittingEmptySubsequences: false,
            whereSeparator: { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
        )
        for line in lines { text += "data: \(line)\n" }
        return Array((text + "\n").utf8)
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline || $0 == "\0" ? " " : $0 })
    }
}
