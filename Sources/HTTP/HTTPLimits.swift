/// Upper bounds on one message; what is over them is refused with the status named.
public struct HTTPLimits: Sendable, Hashable {
    /// Longest request or status line in bytes, default 8 KiB (414).
    public var startLineBytes = 8 * 1024
    /// All header lines of a message together in bytes, default 32 KiB (431).
    public var headerBytes = 32 * 1024
    /// Most header lines of a message, default 128 (431).
    public var headerCount = 128
    /// Longest body in bytes, default 64 MiB (413); a route may set its own.
    public var bodyBytes = 64 * 1024 * 1024
    /// Longest chunk-size line with its extensions in bytes, default 1 KiB (400).
    public var chunkLineBytes = 1024
    /// Framing bytes a chunked body may spend beyond its share of content, default 16 KiB (400).
    public var chunkOverheadBytes = 16 * 1024

    /// The defaults.
    public init() {}
}
