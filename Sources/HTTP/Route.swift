/// A method and a path with what answers them.
public struct Route: Sendable {
    /// What answers.
    public enum Handler: Sendable {
        /// Runs on the event loop's thread: must take microseconds and never wait.
        case immediate(@Sendable (HTTPRequest) -> HTTPResponse)
        /// Runs in a task of its own, cancelled at shutdown's deadline or when its time is up.
        case async(@Sendable (HTTPRequest) async -> HTTPResponse)
        /// Asked on the event loop's thread like an immediate one; where it has no reply at hand, a
        /// task makes one like an async one.
        case atHand(
            @Sendable (HTTPRequest) -> HTTPResponse?,
            otherwise: @Sendable (HTTPRequest) async -> HTTPResponse
        )
    }

    /// The method; a GET route answers HEAD too.
    public let method: HTTPMethod
    /// The path.
    public let template: PathTemplate
    /// What answers.
    public let handler: Handler
    /// The longest body in bytes, the server's limit if nil.
    public var maxBodyBytes: Int?
    /// Whether a body over 64 KiB goes to a file as it comes; the handler then reads `content`.
    public var spoolsBody = false
    /// Whether a request with neither content-length nor chunks is answered 411.
    public var requiresBody = false
    /// Whether an async handler's task is cancelled when the client closes its side early.
    public var cancelsWhenClientLeaves = false
    /// The longest time an async handler may take before 503; the server's if nil.
    public var timeout: Duration?

    /// Makes a route of any handler.
    public init(_ method: HTTPMethod, _ template: PathTemplate, handler: Handler) {
        self.method = method
        self.template = template
        self.handler = handler
    }

    /// A route answered in a task.
    public static func async(
        _ method: HTTPMethod,
        _ template: PathTemplate,
        _ handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) -> Route {
        Route(method, template, handler: .async(handler))
    }

    /// A route answered on the event loop at once: microseconds only, no waiting.
    public static func immediate(
        _ method: HTTPMethod,
        _ template: PathTemplate,
        _ handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) -> Route {
        Route(method, template, handler: .immediate(handler))
    }
}
