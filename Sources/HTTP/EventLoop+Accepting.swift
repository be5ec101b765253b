import CLinux
import Glibc
import Telemetry

/// New connections.
extension EventLoop {
    func setAccepting(_ isOn: Bool) {
        for (index, listener) in listeners.enumerated() {
            if isOn {
                try? poller.add(listener.descriptor, .read, token: UInt64(index))
            } else {
                poller.remove(listener.descriptor)
            }
        }
    }

    func accept(_ listener: Listener) {
        for _ in 0..<64 {
            let descriptor = clinux_accept(listener.descriptor)
            guard descriptor >= 0 else {
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pauseAccepting() }
                return
            }
            open(descriptor, isTCP: listener.port != nil)
        }
    }

    /// Makes room for a new client: a connection without a request may be closed at any time
    /// (RFC 9112 §9.5), and its client must expect it.
    func closeLongestIdle() {
        var longest: Connection?
        for case let connection? in connections
        where connection.machine.isIdle || connection.lingersUntil != nil {
            let isLonger = longest.map { connection.machine.lastReadAt < $0.machine.lastReadAt }
            if isLonger ?? true { longest = connection }
        }
        if let longest { drop(longest) }
    }

    /// Out of descriptors: the waiting client stays in the backlog until some are free.
    func pauseAccepting() {
        core.log.warning("out of descriptors; accepting is paused", [:])
        closeLongestIdle()
        setAccepting(false)
        acceptsAgainAt = now &+ 200_000_000
        nextSweep = min(nextSweep, now &+ 200_000_000)
    }

    func open(_ descriptor: Int32, isTCP: Bool) {
        guard isTCP || Self.isOwnUser(descriptor) else {
            close(descriptor)
            return
        }
        if connectionCount >= maxConnections { closeLongestIdle() }
        guard connectionCount < maxConnections else { return refuse(descriptor) }
        if isTCP {
            SystemCall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            SystemCall.setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
            SystemCall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        }
        // The generation starts at 1, so that no token is a listener's.
        generation = (generation + 1) & 0x7FFF_FFFF
        if generation == 0 { generation = 1 }
        let connection = Connection(
            descriptor: descriptor,
            token: generation << 32 | UInt64(descriptor),
            machine: ConnectionMachine(
                configuration: core.configuration,
                peer: isTCP ? SocketAddress.peer(of: descriptor) : "",
                now: now
            )
        )
        connection.interest = [.read, .peerEnd]
        guard (try? poller.add(descriptor, connection.interest, token: connection.token)) != nil
        else { return }
        while connections.count <= Int(descriptor) { connections.append(nil) }
        connections[Int(descriptor)] = connection
        connectionCount += 1
        metrics?.connections.add(1)
        // One sweep interval after the first connection, deadlines are looked at again.
        if connectionCount == 1 { nextSweep = min(nextSweep, now &+ sweepInterval) }
    }

    /// Whether the process at the other end of a Unix-domain socket is this one's user, or root.
    private static func isOwnUser(_ descriptor: Int32) -> Bool {
        let user = clinux_peer_user(descriptor)
        return user == 0 || user == Int64(geteuid())
    }

    /// One attempt to say 503, then the socket is closed.
    func refuse(_ descriptor: Int32) {
        var reply: [UInt8] = []
        let response = core.error(503, "too many connections; try again later")
        let length = if case .bytes(let bytes) = response.body { bytes.count } else { 0 }
        let context = ResponseEncoder.Context(
            requestID: requestIDs.next(),
            minorVersion: 1,
            keepsAlive: false,
            framing: .length(length),
            dateLine: clock.dateLine()
        )
        ResponseEncoder.appendHead(response, context, to: &reply)
        if case .bytes(let bytes) = response.body { reply += bytes }
        _ = send(descriptor, reply, reply.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        // What the client has sent already would turn the close into a reset that eats the reply.
        _ = readBuffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        close(descriptor)
    }
}
