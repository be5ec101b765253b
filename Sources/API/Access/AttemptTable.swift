/// Failed attempts by peer, so that guessing is slow: ten at once, then one in six seconds.
///
/// **Invariant**: it never holds more than `capacity` peers, however many there are.
struct AttemptTable: Sendable {
    /// Attempts a minute that may fail, all at once if need be.
    static let pace = 10
    static let capacity = 1024

    private var failures: [String: Allowance] = [:]

    var peerCount: Int { failures.count }

    /// Seconds until an attempt of this peer is looked at; `nil`: now.
    func wait(_ peer: String, now: Double) -> Double? {
        failures[peer]?.wait(of: Self.pace, now: now)
    }

    /// Notes that an attempt failed.
    mutating func fail(_ peer: String, now: Double) {
        if failures[peer] == nil, failures.count >= Self.capacity { makeRoom(now) }
        failures[peer, default: Allowance()].use(1, of: Self.pace, now: now)
    }

    /// Forgets those who have waited, else the one who failed least.
    private mutating func makeRoom(_ now: Double) {
        failures = failures.filter { $0.value.used(of: Self.pace, now: now) > 0 }
        guard failures.count >= Self.capacity else { return }
        let least = failures.min {
            $0.value.used(of: Self.pace, now: now) < $1.value.used(of: Self.pace, now: now)
        }
        if let least { failures[least.key] = nil }
    }
}
