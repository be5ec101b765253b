import Domain
import Foundation
import HTTP
import Outbound
import Scheduling
import Store
import Telemetry

/// Tells one webhook of the stored events, in their order, each at least once.
///
/// How far it is stands in the store and moves on after an event was taken or given up, so that a
/// restart goes on where it stood: at worst the last message is sent twice, with the same id.
struct WebhookSender {
    let webhook: Webhook
    let source: any WebhookSource
    let outbound: OutboundHTTP
    let log: Log
    var now: @Sendable () -> Date = { Date() }
    /// A number in 0..<1 for the next pause.
    var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }
    var sleep: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }

    /// Times that one event is sent before it is given up, after forty to ninety minutes.
    static let attempts = 24
    /// How long one attempt may take.
    static let timeout: Duration = .seconds(20)
    /// Events are looked for at least so often.
    private static let patience: Duration = .seconds(30)
    private static let pageSize = 200

    /// Only the URL's own host is asked; a name that leads to a private address needs that address among
    /// `hosts`, the configuration's `remote_hosts`.
    init(_ webhook: Webhook, source: any WebhookSource, hosts: [String] = [], log: Log) {
        self.webhook = webhook
        self.source = source
        self.log = log
        let own = [try? HTTPURL(webhook.url).place].compactMap(\.self)
        outbound = OutboundHTTP(hosts: own + hosts)
    }

    /// Sends until the task is cancelled or the receiver says that it is gone for good.
    func run() async {
        // What a signal was lost for, or a full disk kept from being sent, goes out in time.
        await WakingLoop.run(signals: source.eventSignals(), atLeastEvery: Self.patience) {
            do throws(HoneError) {
                return try await drain() != .gone
            } catch {
                log.warning("webhook waits", ["url": webhook.url, "cause": error.message])
                return true
            }
        }
    }

    /// What became of a message.
    enum Outcome {
        /// It was taken, or given up: the next one's turn.
        case done
        /// It has to be sent again after a restart.
        case interrupted
        /// The receiver wants no more (410).
        case gone
    }

    /// Sends everything that is stored and was not sent.
    @discardableResult
    func drain() async throws(HoneError) -> Outcome {
        var cursor = try await source.webhookCursor(webhook.url)
        while !Task.isCancelled {
            let page = try await source.events(after: cursor, limit: Self.pageSize)
            guard let last = page.last else { return .done }
            for event in page where webhook.events.contains(event.kind) {
                let outcome = await deliver(try WebhookMessage(event))
                guard outcome == .done else { return outcome }
                try await source.moveWebhookCursor(webhook.url, to: event.id)
            }
            cursor = last.id
            try await source.moveWebhookCursor(webhook.url, to: cursor)
        }
        return .interrupted
    }

    private func deliver(_ message: WebhookMessage) async -> Outcome {
        var failure = ""
        for attempt in 1...Self.attempts {
            if attempt > 1 { await sleep(RetryPause.before(attempt, jitter: jitter())) }
            guard !Task.isCancelled else { return .interrupted }
            do throws(RemoteFailure) {
                let reply = try await outbound.post(
                    webhook.url,
                    headers: message.headers(key: webhook.key, at: now()),
                    body: message.body,
                    timeout: Self.timeout
                )
                if (200..<300).contains(reply.status) { return .done }
                if reply.status == 410 {
                    log.warning("webhook is gone: nothing more is sent", ["url": webhook.url])
                    return .gone
                }
                failure = "it answered with status \(reply.status)"
            } catch {
                failure = error.message
            }
            if attempt == 1 {
                log.info(
                    "webhook event not taken, it is sent again",
                    ["url": webhook.url, "id": message.id, "cause": failure]
                )
            }
        }
        guard !Task.isCancelled else { return .interrupted }
        log.warning(
            "webhook event given up",
            ["url": webhook.url, "id": message.id, "cause": failure]
        )
        return .done
    }
}
