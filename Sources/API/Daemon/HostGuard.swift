import Domain
import Foundation
import HTTP

/// What a server is called by those who ask it.
public struct ServedHosts: Sendable, Hashable {
    /// Names and addresses beside localhost, without port, in lower case: those of a proxy.
    public var names: Set<String>
    /// Whether it listens for other machines, which know it by any name.
    public var isRemote: Bool

    /// Localhost alone, unless said.
    public init(names: [String] = [], isRemote: Bool = false) {
        self.names = Set(names.map { $0.lowercased() })
        self.isRemote = isRemote
    }
}

/// Refuses what another site's page makes a browser send here.
///
/// A page can do so through a name it owns (DNS rebinding), which the `Host` field tells, and by a form,
/// which browsers send to any address without asking; the `Origin` field says whose page it was. A server
/// that other machines reach is called by names it cannot know: there the token keeps such pages out.
struct HostGuard: Sendable {
    private let hosts: ServedHosts

    init(_ hosts: ServedHosts) { self.hosts = hosts }

    func refusal(of head: RequestHead) -> HTTPResponse? {
        guard let field = head.headers["host"] else { return nil }
        let host = Self.name(field)
        guard hosts.isRemote || isOwn(host) else {
            return .error(
                HoneError(
                    .forbidden,
                    "this server answers to localhost only, unless allowed_hosts in its "
                        + "configuration names others",
                    param: "Host"
                )
            )
        }
        guard Self.changes(head.method), let origin = head.headers["origin"] else { return nil }
        let page = origin.range(of: "://").map { Self.name(String(origin[$0.upperBound...])) }
        guard page.map({ isOwn($0) || (hosts.isRemote && $0 == host) }) ?? false else {
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

    private func isOwn(_ host: String) -> Bool {
        DaemonConfiguration.isLoopback(host)
            || (!hosts.names.isEmpty && hosts.names.contains(host.lowercased()))
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
