import APITypes
import Domain
import Foundation
import HTTP
import Presentation
import Store

/// One event as it is posted: the same id and bytes at each attempt (Standard Webhooks 1.0).
struct WebhookMessage {
    /// Tells a repetition from something new: receivers keep it.
    let id: String
    /// The body.
    let body: [UInt8]

    /// The headers of one attempt: `webhook-signature` is `v1,` and the base64 of the code of
    /// `id.timestamp.body`.
    func headers(key: [UInt8], at time: Date) -> HTTPHeaders {
        let timestamp = String(time.unixSeconds)
        let code = SHA256.authenticationCode(Array("\(id).\(timestamp).".utf8) + body, key: key)
        return [
            "content-type": "application/json", "user-agent": "hone", "webhook-id": id,
            "webhook-timestamp": timestamp,
            "webhook-signature": "v1," + Data(code).base64EncodedString(),
        ]
    }
}

extension WebhookMessage {
    /// The message of an event.
    ///
    /// The id has a digest of the event in it, so that two servers that tell one receiver do not
    /// mean different events by one id.
    init(_ event: EventRecord) throws(HoneError) {
        let object = try JSONText.value(of: EventObject(event))
        let mark = SHA256.digest(JSONText.data(object)).prefix(6)
        id = "evt-\(event.id)-" + mark.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        body = Array(
            JSONText.data([
                "type": .string("run.\(event.kind)"),
                "timestamp": .string(
                    event.time.ISO8601Format(.init(includingFractionalSeconds: true))
                ),
                "data": object,
            ])
        )
    }
}
