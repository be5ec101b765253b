import Glibc

/// The event loop's times: monotonic nanoseconds, and the `date` line made once a second.
struct ServerClock {
    private var second: Int = -1
    private var line: [UInt8] = []

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// `date: Sun, 06 Nov 1994 08:49:37 GMT` and CRLF (RFC 9110 §5.6.7).
    mutating func dateLine() -> [UInt8] {
        let current = time(nil)
        guard current != second else { return line }
        second = current
        line = ServerClock.dateLine(seconds: current)
        return line
    }

    static func dateLine(seconds: Int) -> [UInt8] {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let two: (Int32) -> String = { ($0 < 10 ? "0" : "") + String($0) }
        let date = "\(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return Array("date: \(days[Int(parts.tm_wday)]), \(date) \(clock) GMT\r\n".utf8)
    }
}
