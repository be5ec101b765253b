/// The life of one server connection as a value: bytes, replies and times go in, output and actions
/// come out.
///
/// No sockets, tasks or clocks; `EventLoop` is its shell.
///
/// **Invariant**: replies leave in the order of their requests, whatever order handlers finish in.
/// **Invariant**: after a refusal of syntax nothing more is parsed (RFC 9112 §11.2).
struct ConnectionMachine {
    enum Action {
        /// Call the route's handler, then `complete`.
        case dispatch(sequence: UInt64, HTTPRequest, Route)
        /// Run the closure; its bytes go to `appendStream`, its end to `endStream`.
        case startStream(HTTPResponse, @Sendable (ResponseWriter) async throws -> Void)
        /// Write the bytes at the file's end, away from the loop's thread, and call `spooled`.
        case spool(BodyFile, [UInt8])
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
    /// The address of the other side.
    let peer: String
    var parser: RequestParser
    var output = OutputBuffer()
    var exchanges: [Exchange] = []
    /// The body of the first exchange that is being sent.
    var sending = Sending.nothing
    var acceptsRequests = true
    private(set) var peerHasEnded = false
    private(set) var isDraining = false
    /// Requests answered since the shell last took them.
    var served: [ServedRequest] = []
    var admitted: (head: RequestHead, admission: Admission)?
    private var owesContinue = false
    var isDiscardingBody = false
    /// Whether a piece of the body is on its way to its file; nothing more is read meanwhile.
    var isSpooling = false
    /// The refusal of a request whose short body is read first: should the body be malformed, that is
    /// what the client is told.
    var refusal: Exchange?
    private var nextSequence: UInt64 = 0
    var requestStartedAt: UInt64
    var lastReadAt: UInt64
    var lastProgressAt: UInt64
    /// Whether a head has come; until then the connection has no longer than a head has.
    var hasHadHead = false
    /// The stretch of time over which a body's pace is measured, and what came in it.
    var pace = BodyPace()

    init(configuration: ServerConfiguration, peer: String = "", now: UInt64) {
        self.configuration = configuration
        self.peer = peer
        parser = RequestParser(limits: configuration.limits)
        requestStartedAt = now
        lastReadAt = now
        lastProgressAt = now
    }

    /// Whether more input is welcome now.
    var wantsInput: Bool {
        acceptsRequests && !isSpooling && !peerHasEnded
            && exchanges.count < configuration.maxPipelined
            && output.count < configuration.outputHighWater
    }

    /// Whether a stream or file may add to the output.
    var hasRoom: Bool { output.count < configuration.outputHighWater }

    /// Whether nothing is asked and nothing owed: the connection may be closed at any time.
    var isIdle: Bool { parser.isIdle && exchanges.isEmpty && output.isEmpty }

    var isSendingStream: Bool { if case .stream = sending { true } else { false } }

    // MARK: Input

    mutating func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64) {
        guard acceptsRequests else { return }
        if parser.isIdle, hasHadHead { requestStartedAt = now }
        if parser.isInBody { pace.bytes += bytes.count }
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
            guard acceptsRequests, !isSpooling, exchanges.count < configuration.maxPipelined,
                hasRoom
            else { return nil }
            guard let event = parser.next() else {
                guard coversBody(parser.bodyByteCount, context) else { continue }
                if let action = spool() { return action }
                sendContinueIfOwed()
                guard peerHasEnded else { return nil }
                acceptsRequests = false
                continue
            }
            if let action = handle(event, context) { return action }
        }
    }

    /// Whether there is room for so many more bytes of a body; if not, that is its reply.
    private mutating func coversBody(_ count: Int, _ context: ConnectionContext) -> Bool {
        guard let (_, admission) = admitted, let share = admission.share,
            !share.cover(count + (admission.file?.count ?? 0))
        else { return true }
        admitted = nil
        refuse(context.noRoom(), admission.requestID, context)
        return false
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
        case .head(let head):
            hasHadHead = true
            pace = BodyPace(since: context.now)
            admit(head, context)
        case .request(let body):
            return coversBody(body.count, context) ? dispatch(body, context) : nil
        case .failure(let error):
            acceptsRequests = false
            // A reply to the request whose body is discarded may have been queued already.
            guard !isDiscardingBody || refusal != nil else { return nil }
            if error.status == 413, queueRefusal(keepsAlive: false) { return nil }
            refusal = nil
            let id = admitted?.admission.requestID ?? context.makeRequestID()
            refuse(context.renderError(error.status, error.message), id, context)
        }
        return nil
    }

    mutating func refuse(
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
        var head = head
        head.peer = peer
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
            refusal = exchange
            if head.framing == .none || head.expectsContinue || isLong(head) { queueRefusal() }
        }
    }

    /// Replies to the request that is refused; false if there is none, or it has its reply.
    @discardableResult
    private mutating func queueRefusal(keepsAlive: Bool = true) -> Bool {
        guard var exchange = refusal else { return false }
        refusal = nil
        exchange.keepsAlive = exchange.keepsAlive && keepsAlive
        exchanges.append(exchange)
        if !exchange.keepsAlive { acceptsRequests = false }
        return true
    }

    /// Most bytes of a refused request's body that are read and dropped.
    private static let discardLimit = 64 * 1024

    private func isLong(_ head: RequestHead) -> Bool {
        if case .length(let length) = head.framing { return length > Self.discardLimit }
        return false
    }

    /// A short body of a refused request is read and dropped, so that the connection lives on.
    private mutating func discardBody(of head: RequestHead, _ exchange: inout Exchange) {
        if isLong(head) || head.expectsContinue { exchange.keepsAlive = false }
        parser.keepsBody = false
        parser.bodyLimit = Self.discardLimit
        isDiscardingBody = true
    }

    private mutating func dispatch(_ body: [UInt8], _ context: ConnectionContext) -> Action? {
        requestStartedAt = context.now
        owesContinue = false
        guard !isDiscardingBody, let (head, admission) = admitted,
            case .accept(let route, let parameters, _) = admission.decision
        else {
            isDiscardingBody = false
            queueRefusal()
            admitted = nil
            return nil
        }
        admitted = nil
        var exchange = makeExchange(
            head,
            admission.requestID,
            admission.routeIndex,
            context,
            timeout: route.timeout ?? configuration.handlerTimeout
        )
        exchange.share = admission.share
        exchanges.append(exchange)
        if !exchange.keepsAlive { acceptsRequests = false }
        var request = HTTPRequest(head: head, body: body, id: admission.requestID)
        request.bodyFile = admission.file
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
            // A refused HEAD has no head here, and still must not be sent a body.
            isHead: (head?.method ?? parser.method) == .head,
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
