import Domain
import Scheduling
import Store

/// Where webhooks read what happened, and keep how far they are: `ControlPlane` in the daemon.
protocol WebhookSource: Sendable {
    func webhookCursor(_ url: String) async throws(HoneError) -> Int
    func moveWebhookCursor(_ url: String, to event: Int) async throws(HoneError)
    func events(after id: Int, limit: Int) async throws(HoneError) -> [EventRecord]
    func eventSignals() -> AsyncStream<Void>
}

extension ControlPlane: WebhookSource {}
