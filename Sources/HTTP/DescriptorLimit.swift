import CLinux

/// How many files and sockets the process may hold open (`ulimit -n`, getrlimit(2)).
public enum DescriptorLimit {
    /// Raises the limit as far as the system lets the process: shells set 1,024, for programs that
    /// keep descriptors in bit sets.
    public static func raise() { _ = clinux_raise_descriptor_limit() }

    /// The connections a server may hold and leave descriptors for the database, files and workers: all
    /// but 256 of them, or all but half where that is more.
    static func connections(upTo wanted: Int) -> Int {
        let limit = Int(clinux_descriptor_limit())
        return max(1, min(wanted, limit - min(256, limit / 2)))
    }
}
