/// Turns received bytes into requests (RFC 9112): a value, without sockets, clocks or callbacks.
///
/// Feed it bytes as they come, cut anywhere, and pull events until there is none:
/// `head`, then `request` with the body, and so on; or one `failure`, after which nothing follows.
/// **Invariant**: what it holds never exceeds the bytes fed since the last complete event plus one body
/// within its limit.
public struct RequestParser: Sendable {
    /// What was found.
    public enum Event: Sendable {
        /// A head is complete. `bodyLimit` and `keepsBody` may be set before the next pull.
        case head(RequestHead)
        /// The body of the last head is complete.
        case request(body: [UInt8])
        /// The bytes are refused; the connection is to be closed after the reply.
        case failure(HTTPParseError)
    }

    private enum State: Sendable {
        case start
        case fields(PartialHead)
        case bodyStart(BodyFraming)
        case body(BodyDecoder)
        case failed
    }

    /// Limits of every request.
    public let limits: HTTPLimits
    /// The limit of the body after the last head; goes back to `limits.bodyBytes` at each head.
    public var bodyLimit: Int
    /// Whether the body is stored; goes back to true at each head.
    public var keepsBody = true
    private var state = State.start
    private var input = InputBuffer()
    private var body: [UInt8] = []
    private var blankLines = 0
    /// Whether the last header line read was incomplete.
    private var lineIsPending = false
    /// The method of the request in hand once its first line is read, that of a refused one too.
    private(set) var method: HTTPMethod?

    /// Makes a parser at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        bodyLimit = limits.bodyBytes
    }

    /// Whether no request has been begun.
    public var isIdle: Bool { if case .start = state { input.isEmpty } else { false } }
    /// Whether a body is being read.
    var isInBody: Bool {
        switch state {
        case .bodyStart, .body: true
        default: false
        }
    }
    /// Whether some of the body has come.
    var hasBodyBytes: Bool { isInBody && !(body.isEmpty && input.isEmpty) }

    /// The bytes of the body that have come so far.
    var bodyByteCount: Int { body.count }

    /// Gives the bytes of the body that have come so far, and forgets them.
    mutating func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Takes bytes in; cheap, nothing is looked at.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        if case .failed = state { return }
        input.append(bytes)
    }

    /// Takes bytes in and gives every event up to now.
    public mutating func consume(_ bytes: [UInt8]) -> [Event] {
        bytes.withUnsafeBytes { feed($0) }
        var events: [Event] = []
        while let event = next() { events.append(event) }
        return events
    }

    /// The next event, or nil until more bytes come.
    public mutating func next() -> Event? {
        do throws(HTTPParseError) {
            return try advance()
        } catch {
            state = .failed
            input.removeAll()
            body = []
            return .failure(error)
        }
    }

    private mutating func advance() throws(HTTPParseError) -> Event? {
        while true {
            switch state {
            case .failed: return nil
            case .start:
                guard try readRequestLine() else { return nil }
            case .fields(let partial):
                // The head is taken out of the state so that its headers grow in place.
                state = .failed
                guard let head = try readField(partial) else {
                    if case .fields = state, lineIsPending { return nil }
                    continue
                }
                return .head(head)
            case .bodyStart(let framing):
                let decoder = try BodyDecoder(framing, limits: limits, bodyLimit: bodyLimit)
                state = .body(decoder)
            case .body(var decoder):
                try decoder.decode(&input, into: &body, keeps: keepsBody)
                state = .body(decoder)
                guard decoder.isDone else { return nil }
                return finish()
            }
        }
    }

    private mutating func finish() -> Event {
        state = .start
        method = nil
        defer { body = [] }
        return .request(body: body)
    }

    /// Reads the request line if it is complete.
    private mutating func readRequestLine() throws(HTTPParseError) -> Bool {
        // A TLS hello or other noise is refused at its first byte, not at its first line feed.
        if let first = input.first, first != 0x0D, !ByteClass.isToken(first) {
            throw .syntax("this is not an HTTP request")
        }
        let length = input.lineLength()
        guard (length ?? input.count) <= limits.startLineBytes else { throw lineIsTooLong() }
        guard let length else { return false }
        let partial = try input.withPrefix(length) { (line) throws(HTTPParseError) in
            let content = try FieldLine.content(line)
            return content.isEmpty ? nil : try PartialHead(content)
        }
        input.drop(length)
        if let partial {
            blankLines = 0
            method = partial.method
            state = .fields(partial)
            return true
        }
        // Blank lines before a request are to be ignored (RFC 9112 §2.2), but not without end.
        blankLines += 1
        guard blankLines <= 2 else { throw .syntax("there are blank lines instead of a request") }
        return true
    }

    /// A target that is too long, or a first line that has not even a method's end in sight.
    private func lineIsTooLong() -> HTTPParseError {
        let hasMethod = input.withPrefix(limits.startLineBytes) { $0.contains(0x20) }
        guard hasMethod else { return .syntax("the method is too long") }
        return HTTPParseError(414, "the request line is over \(limits.startLineBytes) bytes")
    }

    /// Reads one header line; gives the head at the empty line.
    private mutating func readField(
        _ partial: consuming PartialHead
    ) throws(HTTPParseError) -> RequestHead? {
        let length = input.lineLength()
        let total = partial.bytes + (length ?? input.count)
        guard total <= limits.headerBytes, partial.headers.fields.count <= limits.headerCount else {
            throw HTTPParseError(431, "the header lines are too many or too long")
        }
        lineIsPending = length == nil
        guard let length else {
            state = .fields(partial)
            return nil
        }
        partial.bytes = total
        let isEnd = try input.withPrefix(length) { (line) throws(HTTPParseError) -> Bool in
            let content = try FieldLine.content(line)
            guard !content.isEmpty else { return true }
            try FieldLine.parse(content, into: &partial.headers)
            return false
        }
        input.drop(length)
        guard isEnd else {
            state = .fields(partial)
            return nil
        }
        let head = try partial.finished()
        state = .bodyStart(head.framing)
        bodyLimit = limits.bodyBytes
        keepsBody = true
        return head
    }
}
