/// Takes the bytes of one body out of the input, whichever its framing.
struct BodyDecoder: Sendable {
    private enum State: Sendable {
        case fixed(remaining: Int)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers(bytes: Int, lines: Int)
        case untilClose
        case done
    }

    private var state: State
    private let limits: HTTPLimits
    private let bodyLimit: Int
    /// Content bytes so far.
    private var received = 0
    /// Framing bytes spent beyond the share that content pays for.
    private var overhead = 0

    var isDone: Bool { if case .done = state { true } else { false } }
    /// Whether the end of the connection ends the body well.
    var endsWithConnection: Bool { if case .untilClose = state { true } else { isDone } }

    init(
        _ framing: BodyFraming,
        limits: HTTPLimits,
        bodyLimit: Int
    ) throws(HTTPParseError) {
        self.limits = limits
        self.bodyLimit = bodyLimit
        switch framing {
        case .none, .length(0): state = .done
        case .length(let length):
            guard length <= bodyLimit else { throw BodyDecoder.tooLong(bodyLimit) }
            state = .fixed(remaining: length)
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose
        }
    }

    /// Moves what has come to `body`.
    ///
    /// - Parameters:
    ///   - input: bytes received; those taken are gone from it.
    ///   - body: receives the content.
    ///   - keeps: if false, content is counted but not stored.
    /// - Throws: when the framing is malformed or the content longer than allowed.
    mutating func decode(
        _ input: inout InputBuffer,
        into body: inout [UInt8],
        keeps: Bool = true
    ) throws(HTTPParseError) {
        while !isDone, !input.isEmpty {
            guard try step(&input, into: &body, keeps: keeps) else { return }
        }
    }

    /// Takes one piece; false when more input is needed.
    private mutating func step(
        _ input: inout InputBuffer,
        into body: inout [UInt8],
        keeps: Bool
    ) throws(HTTPParseError) -> Bool {
        switch state {
        case .done: return false
        case .fixed(let remaining):
            let taken = take(min(remaining, input.count), &input, &body, keeps)
            state = taken == remaining ? .done : .fixed(remaining: remaining - taken)
        case .untilClose:
            guard input.count <= bodyLimit - received else { throw BodyDecoder.tooLong(bodyLimit) }
            _ = take(input.count, &input, &body, keeps)
        case .chunkData(let remaining):
            let taken = take(min(remaining, input.count), &input, &body, keeps)
            state = taken == remaining ? .chunkEnd : .chunkData(remaining: remaining - taken)
        case .chunkSize: return try readChunkSize(&input)
        case .chunkEnd: return try readChunkEnd(&input)
        case .trailers(let bytes, let lines): return try readTrailer(&input, bytes, lines)
        }
        return true
    }

    private mutating func take(
        _ length: Int,
        _ input: inout InputBuffer,
        _ body: inout [UInt8],
        _ keeps: Bool
    ) -> Int {
        keeps ? input.move(length, to: &body) : input.drop(length)
        received += length
        return length
    }

    private mutating func readChunkSize(_ input: inout InputBuffer) throws(HTTPParseError) -> Bool {
        let length = input.lineLength()
        guard (length ?? input.count) <= limits.chunkLineBytes else {
            throw .syntax("a chunk's size line is too long")
        }
        guard let length else { return false }
        let size = try input.withPrefix(length) { (line) throws(HTTPParseError) in
            try ChunkSizeLine.parse(FieldLine.content(line))
        }
        input.drop(length)
        guard size <= bodyLimit - received else { throw BodyDecoder.tooLong(bodyLimit) }
        // One-byte chunks with fat extensions cost more than they carry (CVE-2023-39326).
        overhead = max(0, overhead + length - 16 - 2 * size)
        guard overhead <= limits.chunkOverheadBytes else {
            throw .syntax("the chunks carry too little for their framing")
        }
        state = size == 0 ? .trailers(bytes: 0, lines: 0) : .chunkData(remaining: size)
        return true
    }

    private mutating func readChunkEnd(_ input: inout InputBuffer) throws(HTTPParseError) -> Bool {
        let isGood: Bool? = input.withPrefix(2) { bytes in
            if bytes[0] != 0x0D { return false }
            return bytes.count < 2 ? nil : bytes[1] == 0x0A
        }
        guard let isGood else { return false }
        guard isGood else { throw .syntax("a chunk is longer than its size") }
        input.drop(2)
        state = .chunkSize
        return true
    }

    /// Trailers are checked and thrown away (RFC 9110 §6.5.1 lets a recipient do so).
    private mutating func readTrailer(
        _ input: inout InputBuffer,
        _ bytes: Int,
        _ lines: Int
    ) throws(HTTPParseError) -> Bool {
        let length = input.lineLength()
        let total = bytes + (length ?? input.count)
        guard total <= limits.headerBytes, lines <= limits.headerCount else {
            throw HTTPParseError(431, "the trailers are too long")
        }
        guard let length else { return false }
        let isLast = try input.withPrefix(length) { (line) throws(HTTPParseError) -> Bool in
            let content = try FieldLine.content(line)
            var ignored = HTTPHeaders()
            if !content.isEmpty { try FieldLine.parse(content, into: &ignored) }
            return content.isEmpty
        }
        input.drop(length)
        state = isLast ? .done : .trailers(bytes: total, lines: lines + 1)
        return true
    }

    private static func tooLong(_ limit: Int) -> HTTPParseError {
        HTTPParseError(413, "the body is longer than \(limit) bytes")
    }
}
