import Foundation

/// Opens once, and wakes those who wait for that.
///
/// `@unchecked Sendable`: every access to `opened` holds the condition's lock.
package final class Latch: @unchecked Sendable {
    private let condition = NSCondition()
    private var opened = false

    /// Makes a closed one.
    package init() {}

    /// Whether it has opened.
    package var isOpen: Bool { condition.withLock { opened } }

    /// Opens it, for good.
    package func open() {
        condition.withLock {
            opened = true
            condition.broadcast()
        }
    }

    /// Waits until it opens, at most `timeout`; whether it has.
    package func wait(_ timeout: Duration) -> Bool {
        let limit = Date(timeIntervalSinceNow: timeout / .seconds(1))
        return condition.withLock {
            while !opened {
                guard condition.wait(until: limit) else { return opened }
            }
            return true
        }
    }
}
