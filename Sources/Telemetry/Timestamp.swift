import Glibc

/// Times of day as text.
enum Timestamp {
    /// The time now in UTC to the millisecond, as RFC 3339 writes it.
    static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return text(seconds: time.tv_sec, milliseconds: Int(time.tv_nsec) / 1_000_000)
    }

    /// A time in UTC, as RFC 3339 writes it.
    static func text(seconds: Int, milliseconds: Int) -> String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        let clock = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
        return date.map { padded($0, 2) }.joined(separator: "-") + "T"
            + clock.map { padded($0, 2) }.joined(separator: ":") + "." + padded(milliseconds, 3)
            + "Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
