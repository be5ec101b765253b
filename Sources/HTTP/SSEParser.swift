/// Reads an event stream (WHATWG HTML §9.2.6): a value, fed with bytes cut anywhere.
public struct SSEParser: Sendable {
    /// The id of the last event, for `Last-Event-ID`.
    public private(set) var lastEventID = ""
    /// The reconnection time last asked for, in milliseconds.
    public private(set) var retryMilliseconds: Int?
    private let maxEventBytes: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var event: String?
    private var endedInCarriageReturn = false
    private var isFirstLine = true

    /// Makes a parser.
    /// - Parameter maxEventBytes: The longest event taken.
    public init(maxEventBytes: Int = 16 * 1024 * 1024) { self.maxEventBytes = maxEventBytes }

    /// Takes bytes in and gives the events that became complete.
    /// - Throws: `HTTPClientError.tooLong`.
    public mutating func consume(
        _ bytes: [UInt8]
    ) throws(HTTPClientError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            let followsCarriageReturn = endedInCarriageReturn
            endedInCarriageReturn = byte == 0x0D
            if byte == 0x0A && followsCarriageReturn { continue }
            guard byte == 0x0A || byte == 0x0D else {
                guard line.count + data.count < maxEventBytes else {
                    throw .tooLong(limit: maxEventBytes)
                }
                line.append(byte)
                continue
            }
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: line.capacity < 16 * 1024) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: 0x3A) ?? line.count
        guard colon > 0 else { return nil }
        var value = line[min(colon + 1, line.count)...]
        if value.first == 0x20 { value = value.dropFirst() }
        apply(String(decoding: line[..<colon], as: UTF8.self), value)
        return nil
    }

    private mutating func apply(_ field: String, _ value: ArraySlice<UInt8>) {
        switch field {
        case "data":
            if hasData { data.append(0x0A) }
            hasData = true
            data += value
        case "event": event = String(decoding: value, as: UTF8.self)
        case "id" where !value.contains(0): lastEventID = String(decoding: value, as: UTF8.self)
        case "retry" where !value.isEmpty && value.allSatisfy(ByteClass.isDigit):
            retryMilliseconds = Int(String(decoding: value, as: UTF8.self)) ?? retryMilliseconds
        default: break
        }
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            data = []
            hasData = false
            event = nil
        }
        guard hasData else { return nil }
        return ServerSentEvent(
            data: String(decoding: data, as: UTF8.self),
            event: event.flatMap { $0.isEmpty ? nil : $0 },
            id: lastEventID.isEmpty ? nil : lastEventID,
            retryMilliseconds: retryMilliseconds
        )
    }
}
