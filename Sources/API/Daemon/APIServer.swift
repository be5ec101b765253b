public import Domain
public import HTTP
import Telemetry

/// An HTTP server of every endpoint.
public enum APIServer {
    /// Binds and listens; nothing is answered until `run()`.
    ///
    /// - Throws: `port_in_use`, or `invalid_request` for a host that is no address.
    public static func make(
        host: String,
        port: Int,
        context: APIContext
    ) throws(HoneError) -> HTTPServer {
        var configuration = ServerConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.spoolFolder = context.temporaryFolder
        // Sampling and importing answer when they are done.
        configuration.handlerTimeout = .seconds(24 * 3600)
        do {
            return try HTTPServer(
                configuration: configuration,
                router: APIRouter.router(context),
                errors: ServerErrors.rendering,
                admission: APIRouter.admission(context, HostGuard(context.hosts)),
                log: context.log,
                metrics: context.metrics
            )
        } catch {
            let code: ErrorCode = if case .portInUse = error { .portInUse } else { .invalidRequest }
            throw HoneError(code, error.description, param: "port")
        }
    }
}
