/// Sends events to one client.
public struct EventWriter: Sendable {
    let writer: ResponseWriter

    /// Sends an event; waits while the client is slow.
    /// - Throws: `HTTPServerError.clientGone`, or `CancellationError`.
    public func send(_ event: ServerSentEvent) async throws {
        try await writer.write(event.encoded)
    }
}
