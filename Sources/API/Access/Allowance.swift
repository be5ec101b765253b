/// An amount a minute that may be used at once and comes back evenly (a token bucket).
struct Allowance: Sendable {
    private var used = 0.0
    private var time = 0.0

    /// Seconds until there is something left of `amount` a minute; `nil`: there is now.
    func wait(of amount: Int, now: Double) -> Double? {
        let rate = Double(amount) / 60
        let rest = used(of: amount, now: now)
        return rest > Double(amount) - 1 ? (rest - Double(amount) + 1) / rate : nil
    }

    /// Uses some, more than there is if need be: what comes next waits for it.
    mutating func use(_ count: Int, of amount: Int, now: Double) {
        used = used(of: amount, now: now) + Double(count)
        time = now
    }

    /// What is used and has not come back yet.
    func used(of amount: Int, now: Double) -> Double {
        max(0, used - (now - time) * Double(amount) / 60)
    }
}
