/// Sends events to one client.
public struct EventWriter: Sendable {
    let writer: ResponseWriter

    /// Sends an event; waits while the client is slow.
    /// - Throws: `HTTPServerError.clientGone`, or `CancellationError`.
    public func send(_ event: ServerSentEvent) async throws {
        try await writer.write(event.encoded)
    }

    /// Sends a comment, which clients ignore.
    public func comment(_ text: String) async throws {
        let line = String(text.map { $0.isNewline ? " " : $0 })
        try await writer.write(Array(": \(line)\n\n".utf8))
    }
}
