/// The life of one server connection as a value: bytes, replies and times go in, output and actions
/// come out. No sockets, tasks or clocks; `EventLoop` is its shell.
///
/// **Invariant**: replies leave in the order of their requests, whatever order handlers finish in.
/// **Invariant**: after a refusal of syntax nothing more is parsed (RFC 9112 §11.2).
struct ConnectionMachine {
    enum Action {
        /// Call the route's handler, then `complete`.
        case dispatch(sequence: UInt64, HTTPRequest, Route)
        /// Run the closure; its bytes go to `appendStream`, its end to `endStream`.
        case startStream(HTTPResponse, @Sendable (ResponseWriter) async throws -> Void)
        /// Open the file and call `startFile` or `refuseFile`.
        case openFile(path: String)
        /// Everything is sent and nothing more will come; half-close first unless the peer has ended.
        case finish
    }

    /// What a deadline that passed calls for.
    enum Expiry {
        case none
        /// Step again: a reply was queued. Cancel the handler of `cancelled`.
        case stepAgain(cancelled: UInt64?)
        /// Close at once.
        case abort
    }

    enum Sending {
        case nothing
        case opening
        case stream(isChunked: Bool)
        case file(remaining: Int)
    }

    let configuration: ServerConfiguration
    private(set) var parser: RequestParser
    var output = OutputBuffer()
    private(set) var exchanges: [Exchange] = []
    /// The body of the first exchange that is being sent.
    private(set) var sending = Sending.nothing
    private(set) var acceptsRequests = true
    private(set) var peerHasEnded = false
    private(set) var isDraining = false
    /// Requests answered since the shell last took them.
    var served: [ServedRequest] = []
    private var admitted: (head: RequestHead, admission: Admission)?
    private var owesContinue = false
    private var isDiscardingBody = false
    private var nextSequence: UInt64 = 0
    private var requestStartedAt: UInt64
    private var lastReadAt: UInt64
    private var lastProgressAt: UInt64

    init(configuration: ServerConfiguration, now: UInt64) {
        self.configuration = configuration
        parser = RequestParser(limits: configuration.limits)
        requestStartedAt = now
        lastReadAt = now
        lastProgressAt = now
    }

    /// Whether more input is welcome now.
    var wantsInput: Bool {
        acceptsRequests && !peerHasEnded && exchanges.count < configuration.maxPipelined
            && output.count < configuration.outputHighWater
    }

    /// Whether a stream or file may add to the output.
    var hasRoom: Bool { output.count < configuration.outputHighWater }

    var isSendingStream: Bool { if case .stream = sending { true } else { false } }

    // MARK: Input

    mutating func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64) {
        guard acceptsRequests else { return }
        if parser.isIdle { requestStartedAt = now }
        lastReadAt = now
        parser.feed(bytes)
    }

    /// The peer will send no more; what it has asked is still answered.
    mutating func receiveEnd() { peerHasEnded = true }

    /// Finish what has begun and take nothing new.
    mutating func beginDraining() {
        isDraining = true
        guard parser.isIdle else { return }
        acceptsRequests = false
        if !exchanges.isEmpty { exchanges[exchanges.count - 1].keepsAlive = false }
    }

    /// The reply of a request; ignored when the request is no longer waited for.
    mutating func complete(_ sequence: UInt64, _ response: HTTPResponse) {
        guard let index = exchanges.firstIndex(where: { $0.sequence == sequence }),
            exchanges[index].response == nil
        else { return }
        exchanges[index].response = response
    }

    // MARK: Steps

    /// The next thing to do, or nil until something comes.
    mutating func step(_ context: ConnectionContext) -> Action? {
        while true {
            if let action = sendReplies(context) { return action }
            if isFinished { return .finish }
            guard acceptsRequests, exchanges.count < configuration.maxPipelined, hasRoom else {
                return nil
            }
            guard let event = parser.next() else {
                sendContinueIfOwed()
                guard peerHasEnded else { return nil }
                acceptsRequests = false
                continue
            }
            if let action = handle(event, context) { return action }
        }
    }

    private var isFinished: Bool {
        guard !acceptsRequests, exchanges.isEmpty, output.isEmpty else { return false }
        if case .nothing = sending { return true }
        return false
    }

    private mutating func handle(
        _ event: RequestParser.Event,
        _ context: ConnectionContext
    ) -> Action? {
        switch event {
        case .head(let head): admit(head, context)
        case .request(let body): return dispatch(body, context)
        case .failure(let error):
            acceptsRequests = false
            // A reply to the request whose body is discarded has been queued already.
            guard !isDiscardingBody else { return nil }
            let id = admitted?.admission.requestID ?? context.makeRequestID()
            refuse(context.renderError(error.status, error.message), id, context)
        }
        return nil
    }

    private mutating func refuse(
        _ response: HTTPResponse,
        _ requestID: String,
        _ context: ConnectionContext
    ) {
        var exchange = makeExchange(nil, requestID, -1, context, timeout: .zero)
        exchange.response = response
        exchanges.append(exchange)
        acceptsRequests = false
    }

    private mutating func admit(_ head: RequestHead, _ context: ConnectionContext) {
        let admission = context.admit(head)
        admitted = (head, admission)
        switch admission.decision {
        case .accept(_, _, let limit):
            parser.bodyLimit = limit
            owesContinue = head.expectsContinue && head.framing != .none
        case .refuse(let response):
            var exchange = makeExchange(
                head,
                admission.requestID,
                admission.routeIndex,
                context,
                timeout: .zero
            )
            exchange.response = response
            discardBody(of: head, &exchange)
            exchanges.append(exchange)
            if !exchange.keepsAlive { acceptsRequests = false }
        }
    }

    /// A short body of a refused request is read and dropped, so that the connection lives on.
    private mutating func discardBody(of head: RequestHead, _ exchange: inout Exchange) {
        let limit = 64 * 1024
        if case .length(let length) = head.framing, length > limit { exchange.keepsAlive = false }
        if head.expectsContinue { exchange.keepsAlive = false }
        parser.keepsBody = false
        parser.bodyLimit = limit
        isDiscardingBody = true
    }

    private mutating func dispatch(_ body: [UInt8], _ context: ConnectionContext) -> Action? {
        requestStartedAt = context.now
        owesContinue = false
        guard !isDiscardingBody, let (head, admission) = admitted,
            case .accept(let route, let parameters, _) = admission.decision
        else {
            isDiscardingBody = false
            admitted = nil
            return nil
        }
        admitted = nil
        let exchange = makeExchange(
            head,
            admission.requestID,
            admission.routeIndex,
            context,
            timeout: route.timeout ?? configuration.handlerTimeout
        )
        exchanges.append(exchange)
        if !exchange.keepsAlive { acceptsRequests = false }
        var request = HTTPRequest(head: head, body: body, id: admission.requestID)
        request.parameters = parameters
        return .dispatch(sequence: exchange.sequence, request, route)
    }

    private mutating func makeExchange(
        _ head: RequestHead?,
        _ requestID: String,
        _ routeIndex: Int,
        _ context: ConnectionContext,
        timeout: Duration
    ) -> Exchange {
        nextSequence += 1
        return Exchange(
            sequence: nextSequence,
            requestID: requestID,
            routeIndex: routeIndex,
            isHead: head?.method == .head,
            minorVersion: head?.minorVersion ?? 1,
            keepsAlive: (head?.keepsAlive ?? false) && !isDraining,
            startedAt: context.now,
            expiresAt: context.now &+ timeout.nanoseconds,
            response: nil
        )
    }

    /// `100 Continue` must not overtake the replies of earlier requests.
    private mutating func sendContinueIfOwed() {
        guard owesContinue, exchanges.isEmpty, parser.isInBody else { return }
        owesContinue = false
        guard !parser.hasBodyBytes else { return }
        output.withBytes { $0 += ResponseEncoder.continueLine }
    }
}

// MARK: Output

extension ConnectionMachine {
    /// Writes the replies that are ready, in order, until one needs the shell.
    private mutating func sendReplies(_ context: ConnectionContext) -> Action? {
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

// MARK: Deadlines

extension ConnectionMachine {
    /// Applies the deadlines (RFC 9110 §15.5.9 for 408).
    mutating func expire(_ context: ConnectionContext) -> Expiry {
        let now = context.now
        if !output.isEmpty || isSendingFile {
            return passed(lastProgressAt, configuration.writeTimeout, now) ? .abort : .none
        }
        if let first = exchanges.first {
            guard first.response == nil, now >= first.expiresAt else { return .none }
            complete(first.sequence, context.renderError(503, "the reply took too long"))
            return .stepAgain(cancelled: first.sequence)
        }
        guard acceptsRequests else { return .none }
        if parser.isIdle {
            let since = max(lastReadAt, lastProgressAt)
            return passed(since, configuration.idleTimeout, now) ? .abort : .none
        }
        let isLate =
            parser.isInBody
            ? passed(lastReadAt, configuration.bodyIdleTimeout, now)
                || passed(requestStartedAt, configuration.bodyTimeout, now)
            : passed(requestStartedAt, configuration.headerTimeout, now)
        guard isLate else { return .none }
        guard !isDiscardingBody else { return .abort }
        let id = admitted?.admission.requestID ?? context.makeRequestID()
        refuse(context.renderError(408, "the request did not arrive in time"), id, context)
        return .stepAgain(cancelled: nil)
    }

    private var isSendingFile: Bool { if case .file = sending { true } else { false } }

    private func passed(_ since: UInt64, _ timeout: Duration, _ now: UInt64) -> Bool {
        now >= since && now - since >= timeout.nanoseconds
    }
}
