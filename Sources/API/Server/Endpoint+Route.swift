import APITypes
import Domain
import Foundation
import HTTP
import Telemetry

extension Endpoint {
    /// The route that serves this endpoint.
    func route(_ context: APIContext) -> Route {
        var route = Route(method, PathTemplate(path), handler: handler(context))
        let takesBody = request != nil || form != nil
        route.maxBodyBytes = takesBody ? maxBodyBytes : 64 << 10
        route.requiresBody = takesBody
        route.spoolsBody = form != nil
        route.cancelsWhenClientLeaves = endsWithClient
        return route
    }

    private func handler(_ context: APIContext) -> Route.Handler {
        guard let stateVersion else { return .async { await answer($0, context) } }
        precondition(method == .get && !path.contains("{"), "one reply is kept, for one resource")
        let kept = KeptReply()
        return .atHand(
            { $0.query.items.isEmpty ? kept.reply(at: stateVersion(context)) : nil },
            otherwise: { request in
                let version = stateVersion(context)
                let response = await answer(request, context)
                if request.query.items.isEmpty { kept.keep(response, version: version) }
                return response
            }
        )
    }

    /// Any failure becomes the error body that goes with it.
    func answer(_ request: HTTPRequest, _ context: APIContext) async -> HTTPResponse {
        do {
            return try await perform(request, context)
        } catch let error as HoneError {
            if error.code.status >= 500 {
                context.log.warning(
                    "request failed",
                    ["path": path, "code": error.code.rawValue, "cause": error.message]
                )
            }
            return .error(error)
        } catch let faults as Faults {
            let code = errors.contains(.invalidSpec) ? ErrorCode.invalidSpec : .invalidRequest
            return .error(ErrorBody(faults, code: code), status: code.status)
        } catch let limit as LimitReached {
            return limit.response
        } catch let refusal as Refusal {
            return refusal.response
        } catch is CancellationError {
            return .error(HoneError(.overloaded, "the server is shutting down; try again later"))
        } catch {
            context.log.error("request failed", ["path": path, "cause": "\(error)"])
            return .error(HoneError(.internalError, "the server failed: see its log"))
        }
    }

    private func perform(
        _ request: HTTPRequest,
        _ context: APIContext
    ) async throws -> HTTPResponse {
        let caller = try context.gate.caller(of: request)
        let generates = access == .generate
        let permit = generates ? try context.gate.beginGeneration(caller) : nil
        let call = EndpointCall(
            context: context,
            request: request,
            caller: caller,
            body: try body(of: request),
            form: try form(of: request),
            query: try checkedQuery(request.query)
        )
        let response =
            if creates, let key = request.headers["idempotency-key"] {
                try await IdempotentCall(endpoint: self, call: call, key: key).answer()
            } else {
                try await handle(call)
            }
        return Self.held(response, caller, permit, context.gate)
    }

    /// A stream ends with its caller's token, and holds the place that it takes until then.
    private static func held(
        _ response: HTTPResponse,
        _ caller: Caller?,
        _ permit: GenerationPermit?,
        _ gate: Gatekeeper
    ) -> HTTPResponse {
        guard let caller, case .stream(let produce) = response.body else {
            permit?.release()
            return response
        }
        var response = response
        response.body = .stream { writer in
            defer { permit?.release() }
            try await gate.whileLive(caller) { try await produce(writer) }
        }
        return response
    }

    private func body(of request: HTTPRequest) throws -> Value {
        guard self.request != nil else { return .null }
        guard !request.body.isEmpty || request.hasContentType("application/json") else {
            throw HoneError(.invalidRequest, "the request needs a JSON body")
        }
        guard request.hasContentType("application/json") else { throw Refusal.notJSON }
        let codings = request.headers.tokens("content-encoding").filter { $0 != "identity" }
        if let coding = codings.first { throw Refusal.coded(coding) }
        if let charset = request.charset, !["utf-8", "utf8", "us-ascii"].contains(charset) {
            throw Refusal.charset(charset)
        }
        return try JSONText.value(Data(request.body), source: "the request body")
    }

    private func form(of request: HTTPRequest) throws -> MultipartForm? {
        guard form != nil else { return nil }
        do {
            let type = request.headers["content-type"] ?? ""
            return try MultipartForm(request.content, contentType: type)
        } catch let error as MultipartForm.Malformed {
            throw HoneError(.invalidRequest, error.message, param: "file")
        }
    }

    /// Query items are text: each is read as its field's kind, then checked like a body.
    private func checkedQuery(_ items: HTTPQuery) throws(Faults) -> Value {
        let schemas = Dictionary(query.map { ($0.name, $0.schema) }) { first, _ in first }
        var fields: [String: Value] = [:]
        for item in items.items {
            fields[item.name] = Self.value(item.value, schemas[item.name])
        }
        return try Schema.object(query).check(.object(fields), path: "query")
    }

    private static func value(_ text: String, _ schema: Schema?) -> Value {
        switch schema {
        case .integer: Int(text).map { .integer($0) } ?? .string(text)
        case .bool:
            // `?validate` alone means yes, as in many APIs.
            ["true": .bool(true), "1": .bool(true), "": .bool(true), "false": .bool(false)][text]
                ?? .string(text)
        default: .string(text)
        }
    }
}
