import APITypes
import Domain
import Foundation
import HTTP

/// A URL that is told what happens to runs.
public struct Webhook: Sendable, Hashable {
    /// Where events are posted to; `http://` only.
    public let url: String
    /// What messages are signed with.
    let key: [UInt8]
    /// The kinds of events that are sent.
    public let events: Set<String>

    /// What a run's events can be about.
    public static let kinds = [
        "state", "metrics", "checkpoint", "published", "worker", "log", "progress",
    ]

    /// Reads a checked element of the configuration's `webhooks`.
    ///
    /// - Throws: a fault at `path` for a URL or a secret that cannot be used.
    init(_ checked: Value, path: String) throws(Faults) {
        url = checked["url"]?.stringValue ?? ""
        if (try? HTTPURL(url)) == nil {
            let message =
                "must be an http:// URL, not \"\(url)\"; put a local proxy before a service that "
                + "needs https"
            throw Faults([Fault(path: "\(path).url", message: message)])
        }
        let secret = checked["secret"]?.stringValue ?? ""
        guard let key = Self.key(secret) else {
            let message =
                "must be whsec_ and 24 to 64 bytes in base64: echo whsec_$(openssl rand -base64 32)"
            throw Faults([Fault(path: "\(path).secret", message: message)])
        }
        self.key = key
        let names = (checked["events"]?.arrayValue ?? []).compactMap(\.stringValue)
        events = Set(names.map { String($0.dropFirst("run.".count)) })
    }

    /// A list of them in a configuration file; each URL once.
    static func list(_ checked: Value?) throws(Faults) -> [Webhook] {
        try DistinctList.read(checked, path: "$.webhooks", field: "url", identity: \.url) {
            value,
            path throws(Faults) in
            try Webhook(value, path: path)
        }
    }

    private static func key(_ secret: String) -> [UInt8]? {
        let prefix = "whsec_"
        guard secret.hasPrefix(prefix),
            let data = Data(base64Encoded: String(secret.dropFirst(prefix.count))),
            (24...64).contains(data.count)
        else { return nil }
        return Array(data)
    }

    /// The shape of one of them.
    static let schema = Schema.object([
        .required("url", .text, "Where events are posted to, http:// only."),
        .required("secret", .text, "whsec_ and 24 to 64 bytes in base64: what signs messages."),
        .field(
            "events",
            .list(.choice(kinds.map { "run.\($0)" }), count: 1...kinds.count),
            default: ["run.state", "run.published"],
            "What is sent."
        ),
    ])
}
