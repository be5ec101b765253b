public import Domain
public import Store

extension ControlPlane {
    /// The id of the last event that a webhook is done with; one that is new begins with the next.
    public func webhookCursor(_ url: String) async throws(HoneError) -> Int {
        try await store.webhookCursor(url)
    }

    /// Remembers that a webhook is done with all events up to this one.
    public func moveWebhookCursor(_ url: String, to event: Int) async throws(HoneError) {
        try await store.moveWebhookCursor(url, to: event)
    }

    /// The events of all runs after the one of that id, oldest first.
    public func events(after id: Int, limit: Int) async throws(HoneError) -> [EventRecord] {
        try await store.events(after: id, limit: limit)
    }

    /// A signal for each (or for several) events of any run from now on; ends at shutdown.
    public nonisolated func eventSignals() -> AsyncStream<Void> { broker.signals(of: nil) }
}
