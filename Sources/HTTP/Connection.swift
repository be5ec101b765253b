import Glibc

/// One client's socket with its machine and tasks; used by the event loop's thread only.
final class Connection {
    /// A file on its way to the client.
    struct OpenFile {
        let descriptor: Int32
        var remaining: Int
    }

    let descriptor: Int32
    let token: UInt64
    var machine: ConnectionMachine
    var interest: Poller.Interest = []
    /// Handlers at work, by sequence.
    var tasks: [UInt64: (task: Task<Void, Never>, isAbandonable: Bool)] = [:]
    var stream: (writer: ResponseWriter, task: Task<Void, Never>, response: HTTPResponse)?
    var lastStreamedAt: UInt64 = 0
    var file: OpenFile?
    /// Whether the client has closed its side behind bytes that are not read yet.
    var peerEndIsNear = false
    /// When a half-closed connection is given up; nil before.
    var lingersUntil: UInt64?

    init(descriptor: Int32, token: UInt64, machine: ConnectionMachine) {
        self.descriptor = descriptor
        self.token = token
        self.machine = machine
    }

    deinit {
        closeFile()
        close(descriptor)
    }

    /// Whether bytes wait in the socket that the machine has no room for now.
    var hasUnreadInput: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    /// Lets the close be a reset, which frees what the socket still holds (socket(7), SO_LINGER).
    func discardUnsent() {
        var now = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, size)
    }

    /// Tells the tasks that the client has left.
    func abandon() {
        for (_, entry) in tasks { entry.task.cancel() }
        stream?.writer.close()
        stream?.task.cancel()
        stream = nil
        closeFile()
    }

    func closeFile() {
        if let file { close(file.descriptor) }
        file = nil
    }

    /// Sends the output and the open file as far as the socket takes them; false if the peer is gone.
    func flush(now: UInt64) -> Bool {
        while !machine.output.isEmpty {
            let result = machine.output.withUnsent { bytes in
                SystemCall.transfer {
                    send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                }
            }
            switch result {
            case .moved(let count): machine.sent(count, now: now)
            case .wouldBlock: return true
            case .failed: return false
            }
        }
        return file == nil || sendFile(now: now)
    }
}
