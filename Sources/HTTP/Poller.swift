import CLinux
import Glibc

/// Waits for many descriptors at once (epoll(7), level-triggered). Used by one thread, save `wake`.
final class Poller: @unchecked Sendable {
    // Sendable: the descriptors never change and `wake` only writes to the eventfd; `events` is
    // touched by the waiting thread alone.

    /// What a descriptor waits for or reports.
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let read = Interest(rawValue: EPOLLIN.rawValue)
        static let write = Interest(rawValue: EPOLLOUT.rawValue)
        static let peerEnd = Interest(rawValue: EPOLLRDHUP.rawValue)
        static let failure = Interest(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    /// The token that `wake` reports under.
    static let wakeToken = UInt64.max

    private let epoll: Int32
    private let wakeDescriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    init() throws(HTTPServerError) {
        epoll = try SystemCall.check("epoll_create1") {
            epoll_create1(Int32(EPOLL_CLOEXEC))
        }
        let flags = Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)
        wakeDescriptor = try SystemCall.check("eventfd") { eventfd(0, flags) }
        try add(wakeDescriptor, .read, token: Poller.wakeToken)
    }

    deinit {
        close(epoll)
        close(wakeDescriptor)
    }

    func add(_ descriptor: Int32, _ interest: Interest, token: UInt64) throws(HTTPServerError) {
        try control(EPOLL_CTL_ADD, descriptor, interest, token)
    }

    func change(_ descriptor: Int32, _ interest: Interest, token: UInt64) throws(HTTPServerError) {
        try control(EPOLL_CTL_MOD, descriptor, interest, token)
    }

    func remove(_ descriptor: Int32) {
        _ = clinux_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    /// Ends the wait of another thread.
    func wake() { eventfd_write(wakeDescriptor, 1) }

    /// Waits and reports what happened, by token.
    func wait(milliseconds: Int32, _ report: (UInt64, Interest) -> Void) {
        let count = epoll_wait(epoll, &events, Int32(events.count), milliseconds)
        guard count > 0 else { return }
        for event in events[..<Int(count)] {
            if event.data.u64 == Poller.wakeToken {
                var value = eventfd_t()
                eventfd_read(wakeDescriptor, &value)
            }
            report(event.data.u64, Interest(rawValue: event.events))
        }
    }

    private func control(
        _ operation: Int32,
        _ descriptor: Int32,
        _ interest: Interest,
        _ token: UInt64
    ) throws(HTTPServerError) {
        _ = try SystemCall.check("epoll_ctl") {
            clinux_epoll_control(epoll, operation, descriptor, interest.rawValue, token)
        }
    }
}
