/// The events of a streamed reply, in order.
public struct EventSequence: Sendable, AsyncSequence {
    /// One event.
    public typealias Element = ServerSentEvent

    let response: StreamingResponse

    /// Gives the events in order.
    public struct Iterator: AsyncIteratorProtocol {
        var pieces: StreamingResponse.Iterator
        var parser = SSEParser()
        var ready: ArraySlice<ServerSentEvent> = []

        /// The next event, nil at the end.
        /// - Throws: `HTTPClientError`, or `CancellationError`.
        public mutating func next() async throws -> ServerSentEvent? {
            while ready.isEmpty {
                guard let piece = try await pieces.next() else { return nil }
                ready = try parser.consume(piece)[...]
            }
            return ready.removeFirst()
        }
    }

    /// Iterates over the events.
    public func makeAsyncIterator() -> Iterator { Iterator(pieces: response.makeAsyncIterator()) }
}
