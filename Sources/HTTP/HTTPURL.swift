/// An `http://` URL in parts.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// Name or address; IPv6 without brackets.
    public let host: String
    /// Port, 80 if the text had none.
    public let port: Int
    /// Path and query as they are sent; starts with a slash.
    public let target: String

    /// The root of a server; IPv6 without brackets.
    public init(host: String, port: Int) {
        (self.host, self.port, target) = (host, port, "/")
    }

    /// Reads a URL; a fragment is dropped.
    public init(_ text: String) throws(HTTPClientError) {
        let scheme = "http://"
        guard text.lowercased().hasPrefix(scheme),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .invalidURL(text) }
        let rest = text.dropFirst(scheme.count).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard HostField.isValid(String(authority)) else { throw .invalidURL(text) }
        let tail = String(rest.dropFirst(authority.count))
        target = tail.hasPrefix("/") ? tail : "/" + tail
        let portMark = authority.lastIndex(of: ":").flatMap { mark in
            authority[mark...].contains("]") ? nil : mark
        }
        let name = authority[..<(portMark ?? authority.endIndex)]
        let digits = portMark.map { authority[authority.index(after: $0)...] } ?? ""
        guard let port = digits.isEmpty ? 80 : Int(digits), (1...65535).contains(port) else {
            throw .invalidURL(text)
        }
        self.port = port
        host = name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : String(name)
    }

    /// Host and port, the port also where it is 80; IPv6 in brackets.
    public var place: String { "\(name):\(port)" }

    /// The value of the `host` field.
    var authority: String { port == 80 ? name : place }

    private var name: String { host.contains(":") ? "[\(host)]" : host }

    /// The whole URL.
    public var description: String { "http://\(authority)\(target)" }
}
