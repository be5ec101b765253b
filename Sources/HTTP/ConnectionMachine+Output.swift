extension ConnectionMachine {
    /// Writes the replies that are ready, in order, until one needs the shell.
    mutating func sendReplies(_ context: ConnectionContext) -> Action? {
        while case .nothing = sending, hasRoom, let exchange = exchanges.first,
            let response = exchange.response
        {
            switch response.body {
            case .bytes(let bytes):
                let isBodiless = response.status.isBodiless
                sendHead(response, isBodiless ? .none : .length(bytes.count), context)
                if !exchange.isHead, !isBodiless { output.withBytes { $0 += bytes } }
                endReply()
            case .stream(let produce):
                let isChunked = exchange.minorVersion > 0
                if !isChunked { exchanges[0].keepsAlive = false }
                let isBodiless = response.status.isBodiless
                let framing: BodyFraming = isChunked ? .chunked : .untilClose
                sendHead(response, isBodiless ? .none : framing, context)
                guard !exchange.isHead, !isBodiless else {
                    endReply()
                    continue
                }
                sending = .stream(isChunked: isChunked)
                return .startStream(response, produce)
            case .file(let path):
                sending = .opening
                return .openFile(path: path)
            }
        }
        return nil
    }

    private mutating func sendHead(
        _ response: HTTPResponse,
        _ framing: BodyFraming,
        _ context: ConnectionContext
    ) {
        if response.headers.first(lowercased: "connection") != nil,
            response.headers.tokens("connection").contains("close")
        {
            exchanges[0].keepsAlive = false
        }
        let exchange = exchanges[0]
        served.append(
            ServedRequest(
                requestID: exchange.requestID,
                routeIndex: exchange.routeIndex,
                status: response.status,
                nanoseconds: context.now &- exchange.startedAt
            )
        )
        let head = ResponseEncoder.Context(
            requestID: exchange.requestID,
            minorVersion: exchange.minorVersion,
            keepsAlive: exchange.keepsAlive,
            framing: framing,
            dateLine: context.dateLine
        )
        lastProgressAt = output.isEmpty ? context.now : lastProgressAt
        output.withBytes { ResponseEncoder.appendHead(response, head, to: &$0) }
    }

    private mutating func endReply() {
        sending = .nothing
        let exchange = exchanges.removeFirst()
        guard !exchange.keepsAlive else { return }
        acceptsRequests = false
        exchanges = []
    }

    /// A piece of the stream that is being sent.
    mutating func appendStream(_ bytes: [UInt8], now: UInt64) {
        guard case .stream(let isChunked) = sending, !bytes.isEmpty else { return }
        if output.isEmpty { lastProgressAt = now }
        output.withBytes { output in
            if isChunked { ResponseEncoder.appendChunkHead(bytes.count, to: &output) }
            output += bytes
            if isChunked { output.append(contentsOf: [0x0D, 0x0A]) }
        }
    }

    /// The stream is complete. (A stream that failed is cut by closing, so that the peer can tell.)
    mutating func endStream(now: UInt64) {
        guard case .stream(let isChunked) = sending else { return }
        if output.isEmpty { lastProgressAt = now }
        if isChunked { output.withBytes { $0 += ResponseEncoder.lastChunk } }
        endReply()
    }

    /// The file that was asked for is open; whether its content is to be sent.
    mutating func startFile(length: Int, _ context: ConnectionContext) -> Bool {
        guard case .opening = sending, let response = exchanges.first?.response else {
            return false
        }
        sendHead(response, .length(length), context)
        guard exchanges.first?.isHead == false, length > 0 else {
            endReply()
            return false
        }
        sending = .file(remaining: length)
        return true
    }

    /// The file that was asked for cannot be sent; this is sent in its place.
    mutating func refuseFile(_ response: HTTPResponse) {
        guard case .opening = sending, !exchanges.isEmpty else { return }
        exchanges[0].response = response
        sending = .nothing
    }

    /// Bytes of the file went to the peer directly.
    mutating func sentFile(_ count: Int, now: UInt64) {
        guard case .file(let remaining) = sending else { return }
        lastProgressAt = now
        sending = .file(remaining: remaining - count)
        if remaining <= count { endReply() }
    }

    /// Bytes of the output went to the peer.
    mutating func sent(_ count: Int, now: UInt64) {
        output.drop(count)
        lastProgressAt = now
    }
}
