import Domain
import Foundation
import Scheduling
import Store
import Synchronization

// How much each caller may ask for.
extension Gatekeeper {
    /// Counts a request; what is thrown back when there were too many.
    func useRequest(_ caller: Caller) -> LimitReached? {
        guard let amount = caller.limits.requestsPerMinute else { return nil }
        let now = uptime()
        return state.withLock { state in
            var usage = state.usage[caller.id] ?? Usage()
            if let seconds = usage.requests.wait(of: amount, now: now) {
                return LimitReached(
                    message: "this token may make \(amount) requests a minute",
                    seconds: seconds
                )
            }
            usage.requests.use(1, of: amount, now: now)
            state.usage[caller.id] = usage
            return nil
        }
    }

    /// Takes one of the caller's places for generations.
    ///
    /// - Throws: `LimitReached` when none is free, or too many tokens were drawn lately.
    func beginGeneration(_ caller: Caller?) throws(LimitReached) -> GenerationPermit? {
        guard let caller else { return nil }
        let (limits, now) = (caller.limits, uptime())
        let refusal = state.withLock { state -> LimitReached? in
            var usage = state.usage[caller.id] ?? Usage()
            if let most = limits.concurrentGenerations, usage.generations >= most {
                let message = "this token may have \(most) generations under way at a time"
                return LimitReached(message: message, seconds: 1)
            }
            if let amount = limits.tokensPerMinute,
                let seconds = usage.drawn.wait(of: amount, now: now)
            {
                let message = "this token may use \(amount) tokens a minute"
                return LimitReached(message: message, seconds: seconds)
            }
            usage.generations += 1
            state.usage[caller.id] = usage
            return nil
        }
        if let refusal { throw refusal }
        return GenerationPermit { [self] in
            state.withLock { $0.usage[caller.id]?.generations -= 1 }
        }
    }

    /// Counts tokens of prompts and completions.
    func charge(_ caller: Caller?, tokens: Int) {
        guard let caller, let amount = caller.limits.tokensPerMinute else { return }
        let now = uptime()
        state.withLock { state in
            state.usage[caller.id, default: Usage()].drawn.use(tokens, of: amount, now: now)
        }
    }

    /// Does something for as long as the caller's token is good.
    ///
    /// - Throws: `CancellationError` when the token ends first.
    func whileLive(
        _ caller: Caller,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return true
            }
            group.addTask { [self] in
                for await _ in endings(of: caller) {}
                return false
            }
            if let end = caller.expiresAt {
                let seconds = end.timeIntervalSince(desk.store.now())
                group.addTask {
                    try await Task.sleep(for: .seconds(max(0, seconds)))
                    return false
                }
            }
            let isWhole = try await group.next() ?? false
            group.cancelAll()
            if !isWhole { throw CancellationError() }
        }
    }

    /// A stream that ends with the token.
    private func endings(of caller: Caller) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let time = desk.store.now()
        let number = state.withLock { state -> Int? in
            guard state.tokens[caller.id]?.isLive(at: time) ?? false else { return nil }
            state.streamCount += 1
            state.streams[caller.id, default: [:]][state.streamCount] = continuation
            return state.streamCount
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [self] _ in
            // Not from within `reload`, which finishes after it has let the lock go.
            state.withLock { _ = $0.streams[caller.id]?.removeValue(forKey: number) }
        }
        return stream
    }
}
