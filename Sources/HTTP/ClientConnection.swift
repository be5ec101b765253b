import Glibc

/// A client's socket; every wait on it has a deadline.
///
/// One thread at a time works with it, and any thread may `cancel`.
final class ClientConnection: @unchecked Sendable {
    // Sendable: owned by one request at a time; `cancel` only shuts the descriptor down, which the
    // kernel makes safe, and the descriptor is closed when nobody holds the connection.

    private let descriptor: Int32
    /// When it was last given back, in monotonic nanoseconds.
    var idleSince: UInt64 = 0

    /// Connects to the first address within reach that answers.
    ///
    /// The name is looked up once, and what is connected to is the address that was judged.
    init(
        host: String,
        port: Int,
        reach: AddressReach = .anywhere,
        deadline: UInt64
    ) throws(HTTPClientError) {
        var reason = "there is no such host"
        let addresses = (try? SocketAddress.resolve(host: host, port: port, passive: false)) ?? []
        for address in addresses {
            if let refusal = reach.refusal(of: address.ip) {
                reason = refusal
                continue
            }
            do throws(HTTPClientError) {
                descriptor = try ClientConnection.connect(address, deadline: deadline)
                return
            } catch .system(let message) {
                reason = message
            }
        }
        throw .connectFailed(host: host, port: port, reason: reason)
    }

    deinit { close(descriptor) }

    /// Ends every wait on the connection, from any thread.
    func cancel() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Whether the server has closed it, or spoken out of turn, while it was idle.
    var isStale: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }

    /// Sends all bytes, or fewer if the server has closed: its reply may be there to read all the same.
    func send(_ bytes: [UInt8], deadline: UInt64) throws(HTTPClientError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let result = rest.withUnsafeBytes { part in
                SystemCall.transfer {
                    Glibc.send(descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
                }
            }
            switch result {
            case .moved(let count): rest = rest.dropFirst(count)
            case .failed: return
            case .wouldBlock:
                try ClientConnection.wait(descriptor, POLLOUT, deadline, "sending the request")
            }
        }
    }

    /// Waits for bytes and hands them over; 0 at the end of the connection.
    func receive(
        deadline: UInt64,
        _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTPClientError) -> Int {
        while true {
            let result = withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) {
                (buffer) -> SystemCall.Transfer in
                let result = SystemCall.transfer {
                    recv(descriptor, buffer.baseAddress, buffer.count, 0)
                }
                if case .moved(let count) = result, count > 0 {
                    take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
                return result
            }
            switch result {
            case .moved(let count): return count
            case .failed: throw .closedEarly
            case .wouldBlock:
                try ClientConnection.wait(descriptor, POLLIN, deadline, "waiting for the reply")
            }
        }
    }

    private static func connect(
        _ address: SocketAddress,
        deadline: UInt64
    ) throws(HTTPClientError) -> Int32 {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw .system(SystemCall.message(errno)) }
        do throws(HTTPClientError) {
            let result = address.withPointer { Glibc.connect(descriptor, $0, $1) }
            if result != 0 {
                guard errno == EINPROGRESS else { throw .system(SystemCall.message(errno)) }
                try wait(descriptor, POLLOUT, deadline, "connecting")
                var number: Int32 = 0
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
                guard number == 0 else { throw .system(SystemCall.message(number)) }
            }
            SystemCall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func wait(
        _ descriptor: Int32,
        _ events: Int32,
        _ deadline: UInt64,
        _ stage: String
    ) throws(HTTPClientError) {
        while true {
            let now = ServerClock.now()
            guard now < deadline else { throw .timedOut(during: stage) }
            let milliseconds = min((deadline - now) / 1_000_000 + 1, 60_000)
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            if poll(&entry, 1, Int32(milliseconds)) > 0 { return }
        }
    }
}
