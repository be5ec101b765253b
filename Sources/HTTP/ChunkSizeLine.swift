/// Reads `chunk-size [chunk-ext]` (RFC 9112 §7.1).
enum ChunkSizeLine {
    /// The size; extensions are checked for control characters and ignored.
    static func parse(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) -> Int {
        var size = 0
        var index = 0
        while index < line.count, let digit = ByteClass.hexValue(line[index]) {
            // Fifteen digits cannot overflow 63 bits.
            guard index < 15 else { throw .syntax("a chunk size is too large") }
            size = size << 4 | Int(digit)
            index += 1
        }
        guard index > 0 else { throw .syntax("a chunk size is not hexadecimal") }
        guard index < line.count else { return size }
        while index < line.count, ByteClass.isBlank(line[index]) { index += 1 }
        guard index < line.count, line[index] == 0x3B else {
            throw .syntax("a chunk size is followed by something else than an extension")
        }
        for byte in line[index...] where !ByteClass.isFieldValue(byte) {
            throw .syntax("a chunk extension has a control character")
        }
        return size
    }
}
