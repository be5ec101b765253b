import APITypes
public import Domain
public import Foundation
import HTTP
public import Scheduling
import Store
import Synchronization
public import Telemetry

/// Decides on each request's head who asks and whether they may.
///
/// All tokens are in memory: a decision takes microseconds on the server's own thread, and a revoked one
/// ends at once. As long as no token was ever made, a server on loopback asks for none; from the first one
/// on it does, also when all have been revoked since.
public final class Gatekeeper: Sendable {
    struct State: Sendable {
        var tokens: [String: TokenRecord] = [:]
        var asksForTokens = false
        var attempts = AttemptTable()
        /// What was used of each token's limits.
        var usage: [String: Usage] = [:]
        /// Where each token was used lately.
        var places: [String: [String]] = [:]
        /// Streams that end with their token.
        var streams: [String: [Int: AsyncStream<Void>.Continuation]] = [:]
        var streamCount = 0
        /// Of the last `reload()` that was begun, and of the one whose tokens these are.
        var reloads = (begun: 0, applied: 0)
    }

    struct Usage: Sendable {
        var requests = Allowance()
        var drawn = Allowance()
        var generations = 0
    }

    /// What tokens may ask for that say nothing themselves.
    let defaults: TokenLimits
    let desk: TokenDesk
    let state = Mutex(State())
    private let isAlwaysLocked: Bool
    private let log: Log
    private let failures: Counter
    /// Monotonic seconds.
    let uptime: @Sendable () -> Double

    /// How exactly the time of a token's last use is known, seconds: it is written no more often.
    static let useGrain = 600.0
    /// The most places that a token is remembered at.
    private static let mostPlaces = 16

    /// Makes one that knows no tokens yet: see `reload()`.
    ///
    /// - Parameters:
    ///   - desk: Where tokens are kept.
    ///   - isAlwaysLocked: Whether tokens are asked for even when there is none.
    ///   - defaults: What tokens may ask for that say nothing themselves.
    ///   - metrics: Gets `hone_refused_credentials_total`.
    ///   - log: Gets who was refused; never what they showed.
    ///   - uptime: Monotonic seconds.
    public init(
        desk: TokenDesk,
        isAlwaysLocked: Bool = false,
        defaults: TokenLimits = TokenLimits(),
        metrics: MetricsRegistry,
        log: Log,
        uptime: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
    ) {
        (self.desk, self.isAlwaysLocked, self.defaults) = (desk, isAlwaysLocked, defaults)
        (self.log, self.uptime) = (log, uptime)
        failures = metrics.counter(
            "hone_refused_credentials_total",
            help: "Requests whose token was unknown, expired or revoked."
        )
        if isAlwaysLocked { state.withLock { $0.asksForTokens = true } }
    }

    /// Takes over what the store has now; streams of tokens that ended are ended.
    public func reload() async throws(HoneError) {
        // Taken after the caller's change and before the store is read: what a later number has read
        // holds the changes of all earlier ones, which must not overwrite it.
        let number = state.withLock { state in
            state.reloads.begun += 1
            return state.reloads.begun
        }
        let all = try await desk.all()
        let time = desk.store.now()
        let ended = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            guard number > state.reloads.applied else { return [] }
            state.reloads.applied = number
            state.tokens = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
            state.asksForTokens = isAlwaysLocked || !all.isEmpty
            let dead = state.streams.keys.filter { !(state.tokens[$0]?.isLive(at: time) ?? false) }
            return dead.flatMap { (state.streams.removeValue(forKey: $0) ?? [:]).values }
        }
        for stream in ended { stream.finish() }
    }

    /// Whether a token opens anything now.
    public var hasLiveToken: Bool {
        let time = desk.store.now()
        return state.withLock { $0.tokens.values.contains { $0.isLive(at: time) } }
    }

    /// A reply that refuses the request, or `nil`: it may go on.
    ///
    /// `access` is `nil` for paths that lead nowhere.
    func refusal(of head: RequestHead, _ access: EndpointAccess?) -> HTTPResponse? {
        if access == .open || access == .signed { return nil }
        guard state.withLock({ $0.asksForTokens }) else { return nil }
        switch identify(head) {
        case .stranger: return Self.missing
        case .wait(let seconds):
            let message = "too many attempts with tokens that were refused: wait, then try again"
            return LimitReached(message: message, seconds: seconds).response
        case .refused: return Self.invalid
        case .known(let caller):
            if case .scope(let scope) = access, !caller.scopes.grants(scope) {
                return Self.insufficient(caller, scope)
            }
            return useRequest(caller)?.response
        }
    }

    private enum Identity {
        case stranger, refused
        case wait(Double)
        case known(Caller)
    }

    private func identify(_ head: RequestHead) -> Identity {
        let credentials = Credentials(head.headers)
        if credentials == .none { return .stranger }
        let (now, time) = (uptime(), desk.store.now())
        let (identity, touched) = state.withLock { state -> (Identity, String?) in
            var known: TokenRecord?
            if case .token(let token) = credentials { known = state.tokens[token.id] }
            // A token that works here goes on working: guesses of others must not lock it out.
            let isAtHome = known.map { state.places[$0.id]?.contains(head.peer) ?? false } ?? false
            if !isAtHome, let seconds = state.attempts.wait(head.peer, now: now) {
                return (.wait(seconds), nil)
            }
            guard let record = Self.verified(credentials, known), record.isLive(at: time) else {
                state.attempts.fail(head.peer, now: now)
                return (.refused, nil)
            }
            state.arrive(record.id, at: head.peer, most: Self.mostPlaces)
            let isStale = time.timeIntervalSince(record.lastUsedAt ?? .distantPast) > Self.useGrain
            if isStale { state.tokens[record.id]?.lastUsedAt = time }
            return (.known(Caller(record, defaults: defaults)), isStale ? record.id : nil)
        }
        if case .refused = identity { note(head) }
        if let touched {
            // Nobody waits for it: that it fails is told by the next write that somebody waits for.
            Task { [desk] in try? await desk.store.touchToken(touched, at: time) }
        }
        return identity
    }

    private func note(_ head: RequestHead) {
        failures.increment()
        log.warning("refused credentials", ["peer": head.peer, "path": head.path])
    }

    private static func verified(
        _ credentials: Credentials,
        _ record: TokenRecord?
    ) -> TokenRecord? {
        guard case .token(let token) = credentials else { return nil }
        // Work is done for unknown ids too, so that the time does not tell which there are.
        let isRight = SHA256.isEqual(token.digest, record?.digest ?? nobody)
        return isRight ? record : nil
    }

    private static let nobody = [UInt8](repeating: 0, count: SHA256.digestBytes)

    /// Who makes a request that was let in; `nil` where no tokens are asked for.
    ///
    /// - Throws: `.unauthorized` when the token has ended since.
    func caller(of request: HTTPRequest) throws(HoneError) -> Caller? {
        guard case .token(let token) = Credentials(request.headers) else { return nil }
        let time = desk.store.now()
        let (isLocked, record) = state.withLock { ($0.asksForTokens, $0.tokens[token.id]) }
        guard isLocked else { return nil }
        guard let record = Self.verified(.token(token), record), record.isLive(at: time) else {
            throw HoneError(.unauthorized, "the token has been revoked or has expired")
        }
        return Caller(record, defaults: defaults)
    }
}

extension Gatekeeper.State {
    /// Remembers where a token works.
    fileprivate mutating func arrive(_ id: String, at peer: String, most: Int) {
        if places[id]?.contains(peer) ?? false { return }
        places[id, default: []].append(peer)
        if places[id]?.count ?? 0 > most { places[id]?.removeFirst() }
    }
}
