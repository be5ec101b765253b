import Domain
import Foundation
import HTTP

/// Refuses what another site's page makes a browser send here: without tokens nothing else would.
///
/// A page can do so through a name it owns (DNS rebinding), which the `Host` field tells, and by a form,
/// which browsers send to any address without asking; the `Origin` field says whose page it was.
enum HostGuard {
    static func admit(_ head: RequestHead, _ route: Route?) -> HTTPResponse? {
        guard let field = head.headers["host"] else { return nil }
        guard DaemonConfiguration.isLoopback(name(field)) else {
            return .error(
                HoneError(.forbidden, "this server answers to localhost only", param: "Host")
            )
        }
        guard changes(head.method), let origin = head.headers["origin"] else { return nil }
        let host = origin.range(of: "://").map { name(String(origin[$0.upperBound...])) }
        guard host.map(DaemonConfiguration.isLoopback) ?? false else {
            return .error(
                HoneError(
                    .forbidden,
                    "pages of other sites may change nothing here",
                    param: "Origin"
                )
            )
        }
        return nil
    }

    /// Whether a request of this method may change something (RFC 9110 §9.2.1).
    private static func changes(_ method: HTTPMethod) -> Bool {
        switch method {
        case .get, .head, .options: false
        case .post, .put, .patch, .delete: true
        }
    }

    /// The host of `name:port` or `[address]:port`; bytes, because every request comes by here.
    private static func name(_ field: String) -> String {
        let bytes = field.utf8
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "]")) {
            return String(field[bytes.index(after: bytes.startIndex)..<end])
        }
        return String(field[..<(bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex)])
    }
}
