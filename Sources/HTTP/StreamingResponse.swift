/// A reply whose body is read while it comes; letting go of it closes the connection.
public struct StreamingResponse: Sendable, AsyncSequence {
    /// A piece of the body, as it came.
    public typealias Element = [UInt8]

    let exchange: ClientExchange
    let idleTimeout: UInt64

    /// The status.
    public var status: HTTPStatus { exchange.head.status }
    /// The header fields.
    public var headers: HTTPHeaders { exchange.head.headers }

    /// Gives the pieces in order; only one iterator is meaningful.
    public struct Iterator: AsyncIteratorProtocol {
        let exchange: ClientExchange
        let idleTimeout: UInt64

        /// The next piece, nil at the end.
        /// - Throws: `HTTPClientError`, or `CancellationError`.
        public mutating func next() async throws -> [UInt8]? {
            try await exchange.next(deadline: ServerClock.now() &+ idleTimeout)
        }
    }

    /// Iterates over the body's pieces.
    public func makeAsyncIterator() -> Iterator {
        Iterator(exchange: exchange, idleTimeout: idleTimeout)
    }

    /// The body as server-sent events.
    public var events: EventSequence { EventSequence(response: self) }
}
