import CLinux
import Glibc

/// What a worker process gives up before its first request, for good.
///
/// It parses files of strangers and needs nothing but its own: no network, no programs, no processes, no
/// files beside those it was started for (landlock(7), seccomp(2)).
public enum Confinement {
    /// Folders and files that a worker is started for.
    public struct Reach: Sendable, Hashable {
        /// What may be read, with all beneath.
        public var readable: [String]
        /// What may be read and written, with all beneath.
        public var writable: [String]

        /// A reach; nothing unless said.
        public init(readable: [String] = [], writable: [String] = []) {
            (self.readable, self.writable) = (readable, writable)
        }

        /// Both.
        public func joined(_ other: Reach) -> Reach {
            Reach(readable: readable + other.readable, writable: writable + other.writable)
        }
    }

    /// Why a part of it did not come about.
    public struct Failure: Error, Sendable, Hashable {
        /// What the system said.
        public var reason: String
    }

    /// Whether this system's kernel keeps processes from files (Landlock, since Linux 5.13).
    public static var coversFiles: Bool { clinux_landlock_version() > 0 }

    /// What any process reads: the C library's own, its figures about itself and the machine.
    private static let commons = [
        "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc/self",
        "/proc/meminfo",
        "/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu", "/dev/null", "/dev/zero",
        "/dev/urandom",
    ]

    /// Confines the calling process and all its threads; before it has any others, where Landlock is meant.
    ///
    /// - Parameter reach: The files that are left; `nil`: all.
    /// - Throws: `Failure` when the system refuses; a kernel without Landlock is no failure.
    public static func enter(_ reach: Reach?) throws(Failure) {
        if let reach, coversFiles {
            let result = withCStrings(commons + reach.readable) { readable in
                withCStrings(reach.writable + ["/dev/null"]) { clinux_confine_files(readable, $0) }
            }
            try check(result, "Landlock")
        }
        try check(clinux_confine_calls(), "seccomp")
    }

    private static func check(_ result: Int32, _ what: String) throws(Failure) {
        guard result != 0 else { return }
        throw Failure(reason: "\(what): \(String(cString: strerror(-result)))")
    }

    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies.map { UnsafePointer($0) } + [nil])
    }
}
