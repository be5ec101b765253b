import CLinux
import Glibc

/// Waits for many descriptors at once (epoll(7), level-triggered).
///
/// Used by one thread, save `wake`.
final class Poller: @unchecked Sendable {
    // Sendable: the descriptors never change and `wake` only writes to the eventfd; `events` is
    // touched by the waiting thread alone.

    /// What a descriptor waits for or reports.
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let read = Interest(rawValue: CLINUX_READ)
        static let write = Interest(rawValue: CLINUX_WRITE)
        static let peerEnd = Interest(rawValue: CLINUX_PEER_END)
        static let failure = Interest(rawValue: CLINUX_ERROR | CLINUX_HANGUP)
    }

    /// The token that `wake` reports under.
    static let wakeToken = UInt64.max

    private let epoll: Int32
    private let wakeDescriptor: Int32
    private var events = [clinux_event](repeating: clinux_event(), count: 256)

    init() throws(HTTPServerError) {
        epoll = try SystemCall.check("epoll_create1") { clinux_epoll_create() }
        wakeDescriptor = try SystemCall.check("eventfd") { clinux_eventfd() }
        try add(wakeDescriptor, .read, token: Poller.wakeToken)
    }

    deinit {
        close(epoll)
        close(wakeDescriptor)
    }

    func add(_ descriptor: Int32, _ interest: Interest, token: UInt64) throws(HTTPServerError) {
        _ = try SystemCall.check("epoll_ctl") {
            clinux_epoll_add(epoll, descriptor, interest.rawValue, token)
        }
    }

    func change(_ descriptor: Int32, _ interest: Interest, token: UInt64) throws(HTTPServerError) {
        _ = try SystemCall.check("epoll_ctl") {
            clinux_epoll_change(epoll, descriptor, interest.rawValue, token)
        }
    }

    func remove(_ descriptor: Int32) { _ = clinux_epoll_remove(epoll, descriptor) }

    /// Ends the wait of another thread.
    func wake() { clinux_eventfd_raise(wakeDescriptor) }

    /// Waits and reports what happened, by token.
    func wait(milliseconds: Int32, _ report: (UInt64, Interest) -> Void) {
        let count = clinux_epoll_wait(epoll, &events, Int32(events.count), milliseconds)
        guard count > 0 else { return }
        for event in events[..<Int(count)] {
            if event.token == Poller.wakeToken { clinux_eventfd_clear(wakeDescriptor) }
            report(event.token, Interest(rawValue: event.events))
        }
    }
}
