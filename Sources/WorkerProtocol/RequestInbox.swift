import Foundation

/// Requests on their way from the reading thread to the working one.
///
/// `@unchecked Sendable`: every access to the stored properties holds the condition's lock.
final class RequestInbox: @unchecked Sendable {
    typealias Entry = (id: Int, request: WorkerRequest)

    private let condition = NSCondition()
    private var requests: [Entry] = []
    /// Requests that had been taken when they were cancelled.
    private var cancelled: [Int] = []
    private var hasClosed = false

    /// Adds a request behind the others.
    func put(_ entry: Entry) {
        condition.withLock {
            requests.append(entry)
            condition.signal()
        }
    }

    /// Lets the working thread go once the connection is gone; what waits is dropped.
    func close() {
        condition.withLock {
            hasClosed = true
            condition.signal()
        }
    }

    /// Whether the connection is gone.
    var isClosed: Bool { condition.withLock { hasClosed } }

    /// The oldest request, waiting for one if need be; `nil` once closed.
    func take() -> Entry? {
        condition.withLock {
            while requests.isEmpty && !hasClosed { condition.wait() }
            return hasClosed ? nil : requests.removeFirst()
        }
    }

    /// The oldest request if it is there and shares its work with others; never waits.
    ///
    /// One that does not share keeps those behind it from joining, so that its turn comes.
    func takeSharing() -> Entry? {
        condition.withLock {
            guard let first = requests.first, first.request.sharesWork else { return nil }
            return requests.removeFirst()
        }
    }

    /// Takes out a request that nobody waits for; `false` when it has been taken already.
    func cancel(id: Int) -> Bool {
        condition.withLock {
            guard let index = requests.firstIndex(where: { $0.id == id }) else {
                cancelled.append(id)
                return false
            }
            requests.remove(at: index)
            return true
        }
    }

    /// The requests that were cancelled after they had been taken.
    func takeCancelled() -> [Int] {
        condition.withLock {
            defer { cancelled = [] }
            return cancelled
        }
    }
}
