import APITypes
import Domain
import Foundation
import HTTP

/// One endpoint: routes and the OpenAPI document are both made of these declarations.
///
/// To add one: a declaration in a file of `Endpoints`, and that file's list in `EndpointTable.all`.
struct Endpoint: Sendable {
    /// What a successful reply carries.
    enum Reply: Sendable {
        case json(Schema)
        /// Another media type.
        case content(String)
    }

    /// A reply that is no refusal, and has another status.
    struct Alternative: Sendable {
        let status: Int
        /// When it is given, one sentence.
        let meaning: String
        let schema: Schema
    }

    let method: HTTPMethod
    let path: String
    /// One sentence.
    let summary: String
    /// Who may ask.
    let access: EndpointAccess
    var query: [FieldDescription] = []
    /// The body; `nil` when there is none.
    var request: Schema?
    var status = 200
    let reply: Reply
    var alternatives: [Alternative] = []
    /// What can go wrong, beyond what can go wrong everywhere.
    var errors: [ErrorCode] = []
    /// Whether it creates something, and so takes an `Idempotency-Key`.
    var creates = false
    var maxBodyBytes = 1 << 20
    /// Counts the changes of what the reply is made of.
    ///
    /// While it stands, a reply without a query is sent again as it is, from the server's own
    /// thread. `nil`: each reply is made anew.
    var stateVersion: (@Sendable (APIContext) -> UInt64)?
    /// Whether the work ends when the client goes before it is answered.
    var endsWithClient = false
    /// The fields of a `multipart/form-data` body, which the endpoint reads itself; `nil`: it takes
    /// none.
    var form: Schema?
    let handle: @Sendable (EndpointCall) async throws -> HTTPResponse

    init(
        _ method: HTTPMethod,
        _ path: String,
        _ summary: String,
        needs access: EndpointAccess,
        query: [FieldDescription] = [],
        request: Schema? = nil,
        status: Int = 200,
        reply: Reply,
        alternatives: [Alternative] = [],
        errors: [ErrorCode] = [],
        creates: Bool = false,
        maxBodyBytes: Int = 1 << 20,
        stateVersion: (@Sendable (APIContext) -> UInt64)? = nil,
        endsWithClient: Bool = false,
        handle: @escaping @Sendable (EndpointCall) async throws -> HTTPResponse
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.access = access
        self.query = query
        self.request = request
        self.status = status
        self.reply = reply
        self.alternatives = alternatives
        self.errors = errors
        self.creates = creates
        self.maxBodyBytes = maxBodyBytes
        self.stateVersion = stateVersion
        self.endsWithClient = endsWithClient
        self.handle = handle
    }
}

/// A request that is being answered: its body and query are already checked to be what they claim.
struct EndpointCall: Sendable {
    let context: APIContext
    let request: HTTPRequest
    /// Who asks; `nil` where no tokens are asked for.
    let caller: Caller?
    /// The body as JSON; null when the endpoint takes none.
    let body: Value
    /// The parts of a form, whose fields the endpoint checks itself; `nil` when it takes none.
    let form: MultipartForm?
    /// The query with its defaults, an object.
    let query: Value
    /// Names the request by its `Idempotency-Key`: what is stored under it is known again when the
    /// process died between storing it and keeping the reply.
    var origin: String?

    var control: any ControlService { context.control }

    /// A part of the path.
    func parameter(_ name: String) -> String { request.parameters[name] ?? "" }

    /// A reply of an object.
    func reply(_ object: some Encodable, status: Int = 200) throws(HoneError) -> HTTPResponse {
        .json(try JSONText.encode(object), status: status)
    }
}

extension HTTPResponse {
    static func json(_ text: Data, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            HTTPStatus(rawValue: status),
            contentType: "application/json",
            bytes: Array(text)
        )
    }

    /// The body every error has.
    static func error(_ body: ErrorBody, status: Int) -> HTTPResponse {
        let fallback = Data(#"{"error":{"message":"internal error"}}"#.utf8)
        return .json((try? JSONText.encode(body)) ?? fallback, status: status)
    }

    static func error(_ error: HoneError) -> HTTPResponse {
        let status = error.code.status
        return HTTPResponse.error(ErrorBody(error), status: status)
    }
}
