import Glibc

/// An address to bind or connect to, as the kernel wants it.
struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    /// Every address of a host and port, numeric ones without a look-up.
    static func resolve(
        host: String,
        port: Int,
        passive: Bool
    ) throws(HTTPServerError) -> [SocketAddress] {
        guard (0...65535).contains(port) else { throw .unknownHost("\(host):\(port)") }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = (passive ? AI_PASSIVE : 0) | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { throw .unknownHost(host) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            let raw = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
            found.append(SocketAddress(family: entry.ai_family, bytes: Array(raw)))
            next = entry.ai_next
        }
        guard !found.isEmpty else { throw .unknownHost(host) }
        return found
    }

    /// The address of a Unix-domain socket.
    static func unix(path: String) throws(HTTPServerError) -> SocketAddress {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let isShort = withUnsafeMutableBytes(of: &address.sun_path) { target in
            let source = Array(path.utf8)
            guard !source.isEmpty, source.count < target.count else { return false }
            target.copyBytes(from: source)
            return true
        }
        guard isShort else { throw .system(call: "unix path \(path)", errno: ENAMETOOLONG) }
        return SocketAddress(
            family: AF_UNIX,
            bytes: withUnsafeBytes(of: &address) { Array($0) }
        )
    }

    /// The address alone; `nil` for Unix-domain sockets.
    var ip: IPAddress? {
        switch family {
        // The address is at offset 4 of a sockaddr_in, at offset 8 of a sockaddr_in6.
        case AF_INET: bytes.count >= 8 ? IPAddress(bytes: Array(bytes[4..<8])) : nil
        case AF_INET6: bytes.count >= 24 ? IPAddress(bytes: Array(bytes[8..<24])) : nil
        default: nil
        }
    }

    func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes.prefix($0.count)) }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(bytes.count))
            }
        }
    }

    /// The numeric address of a connected TCP socket's other side; an IPv6 one by its /64, which is what
    /// one customer has, and an IPv4 address in IPv6 as itself.
    static func peer(of descriptor: Int32) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(descriptor, $0, &length)
            }
        }
        guard result == 0 else { return "unknown" }
        let family = Int32(storage.ss_family)
        return withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET: return bytes[4..<8].map { String($0) }.joined(separator: ".")
            case AF_INET6:
                let address = Array(bytes[8..<24])
                let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
                if address.starts(with: mapped) {
                    return address[12...].map { String($0) }.joined(separator: ".")
                }
                let groups = (0..<4).map {
                    String(UInt16(address[2 * $0]) << 8 | UInt16(address[2 * $0 + 1]), radix: 16)
                }
                return groups.joined(separator: ":") + "::/64"
            default: return "unknown"
            }
        }
    }

    /// The port a bound socket has; nil for Unix-domain sockets.
    static func port(of descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { return nil }
        let family = Int32(storage.ss_family)
        return withUnsafeBytes(of: &storage) { bytes in
            switch family {
            // The port is at offset 2 in both families, in network order.
            case AF_INET, AF_INET6: Int(bytes[2]) << 8 | Int(bytes[3])
            default: nil
            }
        }
    }
}
