public import FoundationEssentials

/// Reads whole files that must be small, such as notes beside a model.
public enum SmallFile {
    /// The content of the regular file at `path`; `nil` when there is nothing at all.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` for more than `limit` bytes, and for what is no regular file:
    ///   reading a FIFO or a device might never end.
    public static func content(of path: String, limit: Int = 1 << 20) throws -> Data? {
        kind(of: path) == .missing ? nil : try readData(at: path, limit: limit)
    }
}
