public import Domain
import Foundation
import Synchronization

/// One end of a Unix-domain stream socket that carries frames.
///
/// Any thread may write, one at a time; one thread reads. Both block: never call them from the
/// cooperative pool. The descriptor is owned and closed with the object.
public final class FrameSocket: Sendable {
    /// What came of waiting for the other end.
    public enum Received: Sendable, Hashable {
        /// Whole frames, at least one, in order.
        case frames([Frame])
        /// Some bytes of a frame that has not ended.
        case partOfFrame
        /// Nothing within the time given.
        case silence
        /// The other end is gone.
        case closed
    }

    /// The most bytes that one call to the system takes in.
    private static let chunkBytes = 1 << 18

    private let fileDescriptor: Int32
    private let decoder = Mutex(FrameDecoder())
    /// Held through a whole frame; true once a frame was cut, after which nothing can follow it.
    private let isBroken = Mutex(false)

    /// Takes over a connected stream socket.
    public init(fileDescriptor: Int32) {
        self.fileDescriptor = fileDescriptor
    }

    deinit { close(fileDescriptor) }

    /// Two connected sockets, closed when another program is executed.
    /// - Throws: `.internalError` when the system has no descriptors left.
    public static func pair() throws(HoneError) -> (FrameSocket, FrameSocket) {
        let (one, other) = try descriptorPair()
        return (FrameSocket(fileDescriptor: one), FrameSocket(fileDescriptor: other))
    }

    /// The descriptors of two connected stream sockets, closed when another program is executed.
    /// - Throws: `.internalError` when the system has no descriptors left.
    public static func descriptorPair() throws(HoneError) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw HoneError(.internalError, systemMessage("A socket pair could not be made"))
        }
        return (ends[0], ends[1])
    }

    /// Ends the connection for both sides, so that whoever waits on it wakes up.
    public func shutDown() {
        _ = Glibc.shutdown(fileDescriptor, Int32(SHUT_RDWR))
    }

    // MARK: Reading

    /// Waits for bytes, at most `timeout`, and takes in what is there.
    /// - Throws: `.invalidRequest` for a frame over its limits, `.workerLost` when the
    ///   connection ends within a frame.
    public func receive(timeout: Duration) throws(HoneError) -> Received {
        guard wait(for: Int16(POLLIN), until: .now + timeout) else { return .silence }
        let bytes = receiveChunk()
        return try decoder.withLock { (decoder) throws(HoneError) -> Received in
            guard let bytes else { return .silence }
            guard !bytes.isEmpty else {
                guard !decoder.isWithinFrame else {
                    throw HoneError(.workerLost, "The connection ended within a frame.")
                }
                return .closed
            }
            let frames = try decoder.decode(bytes)
            return frames.isEmpty ? .partOfFrame : .frames(frames)
        }
    }

    /// Some bytes; none at the end of the connection; `nil` when there is nothing yet.
    private func receiveChunk() -> Data? {
        var chunk = Data(count: Self.chunkBytes)
        let count = chunk.withUnsafeMutableBytes { buffer in
            retryingInterrupts { recv(fileDescriptor, buffer.baseAddress, buffer.count, noWait) }
        }
        if count < 0 {
            return errno == EAGAIN ? nil : Data()
        }
        return chunk.prefix(count)
    }

    // MARK: Writing

    /// Writes a whole frame.
    /// - Parameters:
    ///   - frame: What to write.
    ///   - timeout: How long it may take; `nil`: as long as the other end lives.
    /// - Throws: `.deadlineExceeded` when the time is over (the connection is ended then, since a
    ///   cut frame cannot be followed), `.workerLost` when the other end is gone.
    public func send(_ frame: Frame, timeout: Duration? = nil) throws(HoneError) {
        let deadline = timeout.map { SuspendingClock.now + $0 }
        try isBroken.withLock { (isBroken) throws(HoneError) in
            guard !isBroken else {
                throw HoneError(.workerLost, "The connection ended earlier, within a frame.")
            }
            do throws(HoneError) {
                for part in [frame.prefix + frame.head, frame.payload] {
                    try sendBytes(part, until: deadline)
                }
            } catch {
                isBroken = true
                shutDown()
                throw error
            }
        }
    }

    private func sendBytes(
        _ bytes: Data,
        until deadline: SuspendingClock.Instant?
    ) throws(HoneError) {
        var sent = 0
        while sent < bytes.count {
            guard wait(for: Int16(POLLOUT), until: deadline) else {
                throw HoneError(.deadlineExceeded, "The other end did not read in time.")
            }
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return retryingInterrupts {
                    Glibc.send(fileDescriptor, rest.baseAddress, rest.count, noWait)
                }
            }
            if count >= 0 {
                sent += count
            } else if errno != EAGAIN {
                throw HoneError(.workerLost, systemMessage("The other end cannot be written to"))
            }
        }
    }

    // MARK: Waiting

    /// Whether the socket became ready (or ended) before the deadline; `nil` waits for ever.
    private func wait(for events: Int16, until deadline: SuspendingClock.Instant?) -> Bool {
        while true {
            var entry = pollfd(fd: fileDescriptor, events: events, revents: 0)
            let ready = poll(&entry, 1, deadline.map { remainingMilliseconds(until: $0) } ?? -1)
            if ready > 0 { return true }
            if ready < 0 && errno != EINTR { return true }
            if let deadline, ready == 0, SuspendingClock.now >= deadline { return false }
        }
    }
}

/// Neither blocks nor raises SIGPIPE: waiting is `poll`'s, a lost end is an error.
private let noWait = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)

/// Milliseconds for `poll`, rounded up so that it does not spin, and within its range.
private func remainingMilliseconds(until deadline: SuspendingClock.Instant) -> Int32 {
    let remaining = deadline - .now
    guard remaining > .zero else { return 0 }
    let milliseconds = (remaining / .milliseconds(1)).rounded(.up)
    return Int32(min(milliseconds, 1_000_000_000))
}

/// Calls again while a signal interrupts the call.
private func retryingInterrupts(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// What failed, with the system's reason.
private func systemMessage(_ what: String) -> String {
    "\(what): \(String(cString: strerror(errno)))."
}
