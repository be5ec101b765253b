import Glibc

/// Calls into the kernel: interrupted calls are made again, would-block is a value.
enum SystemCall {
    /// What a call that moves bytes did.
    enum Transfer { case moved(Int), wouldBlock, failed(Int32) }

    static func message(_ number: Int32) -> String {
        guard let text = strerror(number) else { return "error \(number)" }
        return String(cString: text)
    }

    /// A non-negative result, or the error named after the call.
    static func check(
        _ call: String,
        _ body: () -> Int32
    ) throws(HTTPServerError) -> Int32 {
        while true {
            let result = body()
            if result >= 0 { return result }
            guard errno == EINTR else { throw .system(call: call, errno: errno) }
        }
    }

    static func transfer(_ body: () -> Int) -> Transfer {
        while true {
            let result = body()
            if result >= 0 { return .moved(result) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(errno)
            }
        }
    }

    static func setOption(_ fd: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(fd, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
