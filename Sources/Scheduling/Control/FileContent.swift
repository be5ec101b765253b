/// The bytes of a file that is being stored, wherever they are now.
public struct FileContent: Sendable {
    /// How many there are.
    public let count: Int
    /// Reads some of them into memory.
    let read: @Sendable (Range<Int>) throws -> [UInt8]

    /// How many are read at once.
    static let pieceBytes = 1 << 20

    /// Content that is read piece by piece, in order, `count` bytes in all.
    public init(count: Int, read: @escaping @Sendable (Range<Int>) throws -> [UInt8]) {
        self.count = count
        self.read = read
    }

    /// Content in memory.
    public init(_ bytes: [UInt8]) { self.init(count: bytes.count) { Array(bytes[$0]) } }

    /// All of it.
    ///
    /// - Throws: what reading throws.
    public func bytes() throws -> [UInt8] { try read(0..<count) }
}
