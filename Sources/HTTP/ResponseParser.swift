/// Turns received bytes into one reply (RFC 9112 §4, §6): a value, without sockets.
struct ResponseParser: Sendable {
    struct Head: Sendable {
        var status: HTTPStatus
        var minorVersion: Int
        var headers = HTTPHeaders()

        var keepsAlive: Bool {
            let options = headers.tokens("connection")
            return !options.contains("close")
                && (minorVersion > 0 || options.contains("keep-alive"))
        }
    }

    private let method: HTTPMethod
    private let limits: HTTPLimits
    private var input = InputBuffer()
    private var partial: Head?
    private var headBytes = 0
    private var decoder: BodyDecoder?

    init(method: HTTPMethod, limits: HTTPLimits) {
        self.method = method
        self.limits = limits
    }

    /// Whether the body is whole.
    var isComplete: Bool { decoder?.isDone ?? false }
    /// Whether the connection may close here without loss.
    var mayEnd: Bool { decoder?.endsWithConnection ?? false }
    /// Whether bytes came after the reply, which spoils the connection.
    var hasExcess: Bool { !input.isEmpty }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) { input.append(bytes) }

    /// The final head once it is whole; heads of 1xx are passed over.
    mutating func nextHead() throws(HTTPParseError) -> Head? {
        while true {
            let length = input.lineLength()
            guard headBytes + (length ?? input.count) <= limits.headerBytes else {
                throw .syntax("the head is too long")
            }
            guard let length else { return nil }
            headBytes += length
            let isEnd = try input.withPrefix(length) { (line) throws(HTTPParseError) in
                try readLine(FieldLine.content(line))
            }
            input.drop(length)
            guard isEnd, let head = partial else { continue }
            partial = nil
            headBytes = 0
            guard head.status.rawValue >= 200 else { continue }
            let framing = try BodyFraming.ofResponse(
                head.headers,
                status: head.status,
                method: method
            )
            decoder = try BodyDecoder(framing, limits: limits, bodyLimit: limits.bodyBytes)
            return head
        }
    }

    /// The body's bytes that have come since the last call.
    mutating func takeBody() throws(HTTPParseError) -> [UInt8] {
        var body: [UInt8] = []
        guard var decoder else { return body }
        try decoder.decode(&input, into: &body)
        self.decoder = decoder
        return body
    }

    /// Reads a line; true at the end of a head.
    private mutating func readLine(
        _ line: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> Bool {
        guard var head = partial else {
            partial = try ResponseParser.statusLine(line)
            return false
        }
        guard !line.isEmpty else { return true }
        guard head.headers.fields.count < limits.headerCount else {
            throw .syntax("there are too many header lines")
        }
        partial = nil
        try FieldLine.parse(line, into: &head.headers)
        partial = head
        return false
    }

    private static func statusLine(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) -> Head {
        guard line.count >= 12, line.prefix(7).elementsEqual("HTTP/1.".utf8),
            ByteClass.isDigit(line[7]), line[8] == 0x20,
            line[9..<12].allSatisfy(ByteClass.isDigit), line.count == 12 || line[12] == 0x20
        else { throw .syntax("the status line is malformed") }
        let code = line[9..<12].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard (100...599).contains(code) else { throw .syntax("the status is out of range") }
        return Head(status: HTTPStatus(rawValue: code), minorVersion: Int(line[7] - 0x30))
    }
}
