import Foundation

/// Requests on their way from the reading thread to the working one.
///
/// `@unchecked Sendable`: every access to `requests` and `isClosed` holds the condition's lock.
final class RequestInbox: @unchecked Sendable {
    typealias Entry = (id: Int, request: WorkerRequest)

    private let condition = NSCondition()
    private var requests: [Entry] = []
    private var isClosed = false

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
            isClosed = true
            condition.signal()
        }
    }

    /// The oldest request, waiting for one if need be; `nil` once closed.
    func take() -> Entry? {
        condition.withLock {
            while requests.isEmpty && !isClosed { condition.wait() }
            return isClosed ? nil : requests.removeFirst()
        }
    }
}
