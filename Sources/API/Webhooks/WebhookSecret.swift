import Domain
import Foundation
import HTTP

/// What the sender of a Standard Webhook proves its knowledge of (Standard Webhooks 1.0).
public struct WebhookSecret: Sendable, Hashable {
    private let key: [UInt8]

    /// How far the sender's clock may be off, seconds: an older message may be a recorded one.
    private static let tolerance = 300.0

    /// Reads base64, with or without `whsec_` before it; `nil` for anything else.
    public init?(_ text: String) {
        let prefix = "whsec_"
        let base64 = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        guard let data = Data(base64Encoded: base64), data.count >= 16 else { return nil }
        key = Array(data)
    }

    /// Refuses a message that somebody else sent, or that was sent long ago.
    ///
    /// - Throws: `.unauthorized`.
    func verify(_ request: HTTPRequest, at time: Date) throws(HoneError) {
        func refused(_ reason: String) -> HoneError {
            HoneError(.unauthorized, "the webhook is refused: \(reason)")
        }
        guard let id = request.headers["webhook-id"],
            let timestamp = request.headers["webhook-timestamp"],
            let signatures = request.headers["webhook-signature"]
        else {
            throw refused("it is not signed (webhook-id, webhook-timestamp, webhook-signature)")
        }
        guard let seconds = Double(timestamp),
            abs(time.timeIntervalSince1970 - seconds) <= Self.tolerance
        else { throw refused("its time is more than five minutes from this server's") }
        let message = Array("\(id).\(timestamp).".utf8) + request.body
        let code = SHA256.authenticationCode(message, key: key)
        let isSigned = signatures.split(separator: " ").contains { signature in
            guard signature.hasPrefix("v1,"),
                let given = Data(base64Encoded: String(signature.dropFirst(3)))
            else { return false }
            return SHA256.isEqual(Array(given), code)
        }
        if !isSigned { throw refused("its signature is not that of the secret") }
    }
}
