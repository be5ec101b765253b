/// Failed attempts by peer, so that guessing is slow: ten at once, then one in six seconds.
///
/// **Invariant**: it never holds more than `capacity` peers, however many there are.
struct AttemptTable: Sendable {
    /// Attempts that may fail before a peer has to wait.
    static let burst = 10.0
    /// Seconds after which one more may fail.
    static let pace = 6.0
    static let capacity = 1024

    private var failures: [String: (count: Double, time: Double)] = [:]

    var peerCount: Int { failures.count }

    /// Seconds until an attempt of this peer is looked at; `nil`: now.
    func wait(_ peer: String, now: Double) -> Double? {
        let count = count(peer, now)
        return count > Self.burst - 1 ? (count - (Self.burst - 1)) * Self.pace : nil
    }

    /// Notes that an attempt failed.
    mutating func fail(_ peer: String, now: Double) {
        let count = count(peer, now) + 1
        if failures[peer] == nil, failures.count >= Self.capacity { makeRoom(now) }
        failures[peer] = (count, now)
    }

    private func count(_ peer: String, _ now: Double) -> Double {
        guard let entry = failures[peer] else { return 0 }
        return max(0, entry.count - (now - entry.time) / Self.pace)
    }

    /// Forgets those who have waited, else the one who failed least.
    private mutating func makeRoom(_ now: Double) {
        failures = failures.filter { count($0.key, now) > 0 }
        guard failures.count >= Self.capacity else { return }
        let least = failures.keys.min { count($0, now) < count($1, now) }
        if let least { failures[least] = nil }
    }
}
