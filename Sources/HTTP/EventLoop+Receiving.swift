import Glibc

/// Bytes and the end of bytes from clients.
extension EventLoop {
    /// Reads a few times at most, so that one busy client does not starve others; false if it is gone.
    func receive(_ connection: Connection) -> Bool {
        for _ in 0..<4 where connection.machine.wantsInput || connection.lingersUntil != nil {
            let result = readBuffer.withUnsafeMutableBytes { buffer in
                SystemCall.transfer {
                    recv(connection.descriptor, buffer.baseAddress, buffer.count, 0)
                }
            }
            switch result {
            case .moved(0):
                guard connection.lingersUntil == nil else { return false }
                clientEnded(connection)
                return true
            case .moved(let count):
                guard connection.lingersUntil == nil else { continue }
                readBuffer.withUnsafeBytes {
                    let bytes = UnsafeRawBufferPointer(rebasing: $0[..<count])
                    connection.machine.receive(bytes, now: now)
                }
                if count < readBuffer.count { return true }
                // Steps in between keep the parser's buffer to one reading.
                advance(connection)
                guard self.connection(connection.token) != nil else { return true }
            case .wouldBlock: return true
            case .failed: return false
            }
        }
        return true
    }

    /// The client has closed its side: streams end, handlers that want it are cancelled.
    func clientEnded(_ connection: Connection) {
        connection.machine.receiveEnd()
        if connection.machine.isSendingStream { return drop(connection) }
        for (_, entry) in connection.tasks where entry.isAbandonable { entry.task.cancel() }
    }
}
