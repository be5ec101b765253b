public import HTTP
public import Scheduling

/// Outgoing HTTP over the HTTP module's client: to this machine, and to the hosts that are allowed.
///
/// Names are looked up once, and the address that was judged is the one that is connected to: `localhost`
/// leads to this machine only, and a listed name to public addresses, unless the address is listed as well. A
/// name that points elsewhere, or does so a moment later, leads nowhere. Redirects are replies like others.
public struct OutboundHTTP: RemoteTransport {
    private let hosts: Set<String>
    private let ranges: [AddressRange]
    private let listed: HTTPClient
    private let onThisMachine: HTTPClient

    /// The most bytes of one reply.
    public static let maximumReplyBytes = 16 << 20

    /// - Parameter hosts: Names or addresses, with or without `:PORT`, or ranges of addresses (`10.0.0.0/8`),
    ///   that may be asked beside this machine.
    public init(hosts: [String] = []) {
        self.hosts = Set(hosts.map { $0.lowercased() })
        ranges = hosts.compactMap(Self.range)
        var configuration = HTTPClient.Configuration()
        configuration.limits.bodyBytes = Self.maximumReplyBytes
        configuration.reach = .publicAnd(ranges)
        listed = HTTPClient(configuration: configuration)
        configuration.reach = .loopback
        onThisMachine = HTTPClient(configuration: configuration)
    }

    /// Why requests to this URL are refused; `nil` when its host is allowed.
    public func refusal(of url: String) -> String? {
        guard let parsed = try? HTTPURL(url) else { return "it is not an http:// URL" }
        if isListed(parsed) || Self.isThisMachine(parsed.host) { return nil }
        return "the host \(parsed.host) is not allowed: add it to remote_hosts in the server's "
            + "configuration, or to --remote-hosts"
    }

    /// Sends JSON and reads the whole reply, whatever its status.
    public func post(
        _ url: String,
        body: [UInt8],
        timeout: Duration
    ) async throws(RemoteFailure) -> RemoteReply {
        let headers: HTTPHeaders = ["content-type": "application/json"]
        return try await post(url, headers: headers, body: body, timeout: timeout)
    }

    /// The same with header fields of one's own.
    public func post(
        _ url: String,
        headers: HTTPHeaders,
        body: [UInt8],
        timeout: Duration
    ) async throws(RemoteFailure) -> RemoteReply {
        try await send(.post, url, headers: headers, body: body, timeout: timeout)
    }

    /// Sends a request of any method and reads the whole reply, whatever its status.
    public func send(
        _ method: HTTPMethod,
        _ url: String,
        headers: HTTPHeaders,
        body: [UInt8] = [],
        timeout: Duration
    ) async throws(RemoteFailure) -> RemoteReply {
        if let reason = refusal(of: url) { throw RemoteFailure(reason, mayPass: false) }
        do {
            let parsed = try HTTPURL(url)
            var request = ClientRequest(method, parsed, headers: headers, body: body)
            request.timeout = timeout
            let client = Self.isThisMachine(parsed.host) ? onThisMachine : listed
            let reply = try await client.send(request)
            return RemoteReply(status: reply.status.rawValue, body: reply.body)
        } catch {
            throw RemoteFailure("\(error)")
        }
    }

    /// The names and addresses that need not be listed; where they lead is checked on the way.
    private static func isThisMachine(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress =
            parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        return isAddress || ["localhost", "::1"].contains(host.lowercased())
    }

    private func isListed(_ url: HTTPURL) -> Bool {
        let host = url.host.lowercased()
        return hosts.contains(host) || hosts.contains("\(host):\(url.port)")
            || hosts.contains("[\(host)]:\(url.port)")
            || IPAddress(host).map { address in
                ranges.contains { $0.contains(address) && $0.isWide }
            }
                ?? false
    }

    /// The addresses that an entry names: `10.0.0.0/8`, `10.0.0.5`, `10.0.0.5:80` or `[fd00::1]:80`.
    private static func range(_ entry: String) -> AddressRange? {
        if let range = AddressRange(entry) { return range }
        guard let url = try? HTTPURL("http://\(entry)/") else { return nil }
        return AddressRange(url.host)
    }
}
