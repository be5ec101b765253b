import Synchronization

/// Where a streamed body is written.
///
/// Bytes are taken in at once while little waits for the client, and `write` suspends while much
/// does.
public final class ResponseWriter: Sendable {
    /// How a stream ended, if it did.
    enum Ending: Sendable { case open, complete, failed }

    private struct State {
        var pending: [UInt8] = []
        var ending = Ending.open
        var isClosed = false
        var isCancelled = false
        var wakeIsQueued = false
        var waiters: [CheckedContinuation<Void, any Error>] = []
    }

    private let highWater: Int
    private let wake: @Sendable () -> Void
    private let state = Mutex(State())

    /// A writer with nothing written.
    ///
    /// - Parameters:
    ///   - highWater: bytes that may wait for the client before `write` suspends.
    ///   - wake: tells the event loop that there is something to take.
    init(highWater: Int, wake: @escaping @Sendable () -> Void) {
        self.highWater = highWater
        self.wake = wake
    }

    /// Sends bytes; suspends while more than the high-water mark waits for a slow client.
    /// - Throws: `HTTPServerError.clientGone` once the client has left, `CancellationError` when
    ///   the stream's task is cancelled.
    public func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        let (mustWake, mustWait) = try state.withLock { state in
            guard !state.isClosed else { throw HTTPServerError.clientGone }
            state.pending += bytes
            let mustWake = !state.wakeIsQueued && !bytes.isEmpty
            if mustWake { state.wakeIsQueued = true }
            return (mustWake, state.pending.count > highWater)
        }
        if mustWake { wake() }
        if mustWait { try await waitForRoom() }
    }

    /// Sends text as UTF-8; see `write(_:)` of bytes.
    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    private func waitForRoom() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.isClosed { return .failure(HTTPServerError.clientGone) }
                    if state.isCancelled { return .failure(CancellationError()) }
                    if state.pending.count <= highWater { return .success(()) }
                    state.waiters.append(continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiters = state.withLock { state in
                state.isCancelled = true
                return ResponseWriter.takeWaiters(&state)
            }
            for waiter in waiters { waiter.resume(throwing: CancellationError()) }
        }
    }

    /// Takes what waits; called by the event loop when the connection has room.
    func take() -> (bytes: [UInt8], ending: Ending) {
        let (bytes, ending, waiters) = state.withLock { state in
            let bytes = state.pending
            state.pending = []
            state.wakeIsQueued = false
            return (bytes, state.ending, ResponseWriter.takeWaiters(&state))
        }
        for waiter in waiters { waiter.resume() }
        return (bytes, ending)
    }

    /// Marks the end of the body; called when its closure has returned.
    func end(_ ending: Ending) {
        state.withLock { $0.ending = ending }
        wake()
    }

    /// Refuses all later writes: the client has left.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            state.pending = []
            return ResponseWriter.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume(throwing: HTTPServerError.clientGone) }
    }

    private static func takeWaiters(
        _ state: inout State
    ) -> [CheckedContinuation<Void, any Error>] {
        defer { state.waiters = [] }
        return state.waiters
    }
}
