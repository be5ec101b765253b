/// Lets only so many requests through to one URL at a time, whichever runs they come from.
actor RemoteGate {
    private let limit: Int
    private var taken: [String: Int] = [:]
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// - Parameter limit: Requests to one URL at a time.
    init(limit: Int) { self.limit = max(1, limit) }

    /// Does a piece of work in its turn.
    ///
    /// Every piece has a deadline of its own, so that each turn comes.
    func pass<Result: Sendable>(
        _ url: String,
        _ work: @Sendable () async -> Result
    ) async -> Result {
        if taken[url, default: 0] < limit {
            taken[url, default: 0] += 1
        } else {
            // Whoever leaves hands over its place.
            await withCheckedContinuation { waiting[url, default: []].append($0) }
        }
        defer { leave(url) }
        return await work()
    }

    private func leave(_ url: String) {
        if var line = waiting[url], !line.isEmpty {
            let next = line.removeFirst()
            waiting[url] = line.isEmpty ? nil : line
            next.resume()
        } else {
            taken[url] = taken[url].flatMap { $0 > 1 ? $0 - 1 : nil }
        }
    }
}
