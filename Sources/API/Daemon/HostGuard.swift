import Domain
import HTTP

/// Refuses requests that name another host: a web page can make a browser send them here through a
/// name it owns (DNS rebinding), and without tokens nothing else would stop it.
enum HostGuard {
    static func admit(_ head: RequestHead, _ route: Route?) -> HTTPResponse? {
        guard let field = head.headers["host"] else { return nil }
        guard DaemonConfiguration.isLoopback(name(field)) else {
            return .error(
                HoneError(.forbidden, "this server answers to localhost only", param: "Host")
            )
        }
        return nil
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
