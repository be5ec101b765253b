/// A request's body, or a part of one, wherever it is kept.
public struct BodyContent: Sendable {
    private let file: BodyFile?
    private let fileCount: Int
    private let tail: [UInt8]
    private let range: Range<Int>

    /// Bytes in memory.
    public init(_ bytes: [UInt8]) { self.init(nil, bytes) }

    /// What a file holds now, and the bytes after it.
    init(_ file: BodyFile?, _ tail: [UInt8]) {
        self.file = file
        fileCount = file?.count ?? 0
        self.tail = tail
        range = 0..<(fileCount + tail.count)
    }

    private init(_ whole: BodyContent, _ range: Range<Int>) {
        (file, fileCount, tail) = (whole.file, whole.fileCount, whole.tail)
        self.range = range
    }

    /// How many bytes it has.
    public var count: Int { range.count }

    /// A part of it; nothing is read.
    public subscript(part: Range<Int>) -> BodyContent {
        precondition(part.upperBound <= count, "a part lies within the whole")
        let start = range.lowerBound
        return BodyContent(self, (start + part.lowerBound)..<(start + part.upperBound))
    }

    /// The bytes of a part of it, in memory.
    ///
    /// - Throws: `HTTPServerError.system` when the disk fails.
    public func bytes(in part: Range<Int>) throws(HTTPServerError) -> [UInt8] {
        let wanted = self[part].range
        let onDisk = wanted.clamped(to: 0..<fileCount)
        let inMemory = wanted.clamped(to: fileCount..<(fileCount + tail.count))
        var bytes: [UInt8] = []
        if let file, !onDisk.isEmpty { bytes = try file.bytes(in: onDisk) }
        bytes += tail[(inMemory.lowerBound - fileCount)..<(inMemory.upperBound - fileCount)]
        return bytes
    }

    /// How much of a long body is in memory at once where it is read from its start to its end.
    static let pieceBytes = 256 << 10

    /// Gives the bytes piece by piece.
    ///
    /// - Throws: `HTTPServerError.system` when the disk fails.
    public func forEachPiece(_ body: ([UInt8]) -> Void) throws(HTTPServerError) {
        for start in stride(from: 0, to: count, by: Self.pieceBytes) {
            body(try bytes(in: start..<min(count, start + Self.pieceBytes)))
        }
    }
}
