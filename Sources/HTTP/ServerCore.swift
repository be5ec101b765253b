import Telemetry

/// What every connection of a server shares.
struct ServerCore: Sendable {
    let configuration: ServerConfiguration
    let router: Router
    let errors: ErrorRendering
    let admission: (@Sendable (RequestHead, Route?) -> HTTPResponse?)?
    let log: Log
    let metrics: MetricsRegistry?
    let bodies: BodyBudget
    let spooled: BodyBudget

    func error(_ status: HTTPStatus, _ message: String) -> HTTPResponse {
        .error(status, message, errors)
    }

    /// Decides on a head: route, limits, and replies that need no handler.
    func admit(_ head: RequestHead, makeRequestID: () -> String) -> Admission {
        let offered = head.headers.first(lowercased: "x-request-id")
        let id = offered.flatMap { RequestID.isSane($0) ? $0 : nil } ?? makeRequestID()
        let match: Router.Match =
            head.isAsterisk
            ? .options(allowed: HTTPMethod.allCases) : router.match(head.method, head.segments)
        guard case .found(let index, let route) = match else {
            let refusal = admission?(head, nil) ?? tooLong(head) ?? reply(to: match)
            return Admission(requestID: id, routeIndex: -1, decision: .refuse(refusal))
        }
        let refusal = admission?(head, route) ?? lengthRequired(head, route)
        if let refusal {
            return Admission(requestID: id, routeIndex: index, decision: .refuse(refusal))
        }
        let limit = route.maxBodyBytes ?? configuration.limits.bodyBytes
        let folder = route.spoolsBody ? configuration.spoolFolder : nil
        let budget = folder == nil ? bodies : spooled
        guard let share = budget.share(forBodyOf: declaredLength(head, upTo: limit)) else {
            return Admission(requestID: id, routeIndex: index, decision: .refuse(noRoom))
        }
        let decision = Admission.Decision.accept(
            route,
            parameters: route.template.values(in: head.segments),
            bodyLimit: limit
        )
        return Admission(
            requestID: id,
            routeIndex: index,
            decision: decision,
            share: share,
            file: folder.map(BodyFile.init)
        )
    }

    /// What a body is answered for which there is no memory now, or no disk.
    var noRoom: HTTPResponse {
        var response = error(503, "too many large requests at once: send it again in a second")
        response.headers["retry-after"] = "1"
        return response
    }

    /// The length of the body as far as it is known now; one that is too long is refused later.
    private func declaredLength(_ head: RequestHead, upTo limit: Int) -> Int {
        if case .length(let length) = head.framing, length <= limit { return length }
        return 0
    }

    /// A body beyond every limit is told so, whatever its path.
    private func tooLong(_ head: RequestHead) -> HTTPResponse? {
        let limit = configuration.limits.bodyBytes
        guard case .length(let length) = head.framing, length > limit else { return nil }
        return error(413, "the body is longer than \(limit) bytes")
    }

    private func lengthRequired(_ head: RequestHead, _ route: Route) -> HTTPResponse? {
        guard route.requiresBody, head.framing == .none else { return nil }
        return error(411, "this request needs a body with a content-length")
    }

    private func reply(to match: Router.Match) -> HTTPResponse {
        switch match {
        case .methodNotAllowed(let allowed):
            let list = ServerCore.list(allowed)
            var response = error(405, "this path allows \(list)")
            response.headers["allow"] = list
            return response
        case .options(let allowed):
            return HTTPResponse(204, headers: ["allow": ServerCore.list(allowed)])
        case .notFound, .found: return error(404, "there is nothing at this path")
        }
    }

    private static func list(_ methods: [HTTPMethod]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}
