import Domain
import Foundation
import HTTP

/// What a request shows to be let in.
enum Credentials: Sendable, Hashable {
    case none
    /// Something that cannot be a token of this server.
    case unreadable
    case token(AccessToken)

    /// Reads `Authorization: Bearer TOKEN`, `Authorization: Basic` with the token as password (what
    /// Label Studio, Prometheus and URLs can do), or `x-api-key: TOKEN`; never the query, which ends up in
    /// logs.
    init(_ headers: HTTPHeaders) {
        let fields = headers.fields.filter { $0.name == "authorization" || $0.name == "x-api-key" }
        guard let field = fields.first else {
            self = .none
            return
        }
        // Two that differ leave it open who asks.
        guard fields.count == 1 else {
            self = .unreadable
            return
        }
        let text = field.name == "authorization" ? Self.secret(field.value) : field.value
        self = text.flatMap(AccessToken.init).map { .token($0) } ?? .unreadable
    }

    private static func secret(_ value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2 else { return nil }
        let rest = parts[1].trimmingCharacters(in: .whitespaces)
        switch parts[0].lowercased() {
        case "bearer": return rest
        case "basic":
            guard let data = Data(base64Encoded: rest),
                let colon = data.firstIndex(of: UInt8(ascii: ":"))
            else { return nil }
            return String(decoding: data[(colon + 1)...], as: UTF8.self)
        default: return nil
        }
    }
}
