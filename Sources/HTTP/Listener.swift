import Glibc

/// A listening socket.
final class Listener: Sendable {
    let descriptor: Int32
    /// The bound port; nil for a Unix-domain socket.
    let port: Int?
    private let unixPath: String?

    private init(descriptor: Int32, unixPath: String?) {
        self.descriptor = descriptor
        self.unixPath = unixPath
        port = SocketAddress.port(of: descriptor)
    }

    deinit {
        close(descriptor)
        if let unixPath { unlink(unixPath) }
    }

    /// Listens at the first address of a host.
    static func tcp(host: String, port: Int) throws(HTTPServerError) -> Listener {
        let addresses = try SocketAddress.resolve(host: host, port: port, passive: true)
        let descriptor = try bound(addresses[0]) { number in
            switch number {
            case EADDRINUSE: .portInUse(host: host, port: port)
            case EADDRNOTAVAIL: .unknownHost(host)
            default: .system(call: "bind", errno: number)
            }
        }
        return Listener(descriptor: descriptor, unixPath: nil)
    }

    /// Listens at a path; a socket file that nobody listens at any more is replaced.
    static func unix(path: String) throws(HTTPServerError) -> Listener {
        let address = try SocketAddress.unix(path: path)
        if isStale(address) { unlink(path) }
        let descriptor = try bound(address) { number in
            number == EADDRINUSE
                ? .portInUse(host: path, port: 0) : .system(call: "bind", errno: number)
        }
        return Listener(descriptor: descriptor, unixPath: path)
    }

    private static func bound(
        _ address: SocketAddress,
        explain: (Int32) -> HTTPServerError
    ) throws(HTTPServerError) -> Int32 {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = try SystemCall.check("socket") { socket(address.family, kind, 0) }
        if address.family != AF_UNIX {
            SystemCall.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        } else {
            // Before bind: the file comes into being with these rights, whatever the umask.
            fchmod(descriptor, 0o600)
        }
        let result = address.withPointer { bind(descriptor, $0, $1) }
        guard result == 0, listen(descriptor, 1024) == 0 else {
            let number = errno
            close(descriptor)
            throw explain(number)
        }
        return descriptor
    }

    /// Whether a connect is refused, so that the file is left over from a process that died.
    private static func isStale(_ address: SocketAddress) -> Bool {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return address.withPointer { connect(descriptor, $0, $1) } != 0 && errno == ECONNREFUSED
    }
}
