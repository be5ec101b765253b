/// Reads `chunk-size [chunk-ext]` (RFC 9112 §7.1).
enum ChunkSizeLine {
    /// The size; extensions must have their form (§7.1.1), and are ignored.
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
        if index < line.count { try checkExtensions(line, from: index) }
        return size
    }

    /// Checks `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`: where two readers
    /// disagree on an extension's end, they disagree on where the chunk begins.
    private static func checkExtensions(
        _ line: UnsafeRawBufferPointer,
        from start: Int
    ) throws(HTTPParseError) {
        var index = afterBlanks(line, start)
        repeat {
            guard index < line.count, line[index] == 0x3B else {
                throw .syntax("a chunk size is followed by something else than an extension")
            }
            index = try afterToken(line, afterBlanks(line, index + 1))
            let next = afterBlanks(line, index)
            guard next < line.count, line[next] == 0x3D else {
                // Blanks may only stand before another extension.
                if next < line.count { index = next }
                continue
            }
            index = try afterValue(line, afterBlanks(line, next + 1))
            let following = afterBlanks(line, index)
            if following < line.count { index = following }
        } while index < line.count
    }

    private static func afterBlanks(_ line: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var index = start
        while index < line.count, ByteClass.isBlank(line[index]) { index += 1 }
        return index
    }

    private static func afterToken(
        _ line: UnsafeRawBufferPointer,
        _ start: Int
    ) throws(HTTPParseError) -> Int {
        var index = start
        while index < line.count, ByteClass.isToken(line[index]) { index += 1 }
        guard index > start else { throw .syntax("a chunk extension is not a token") }
        return index
    }

    private static func afterValue(
        _ line: UnsafeRawBufferPointer,
        _ start: Int
    ) throws(HTTPParseError) -> Int {
        guard start < line.count, line[start] == 0x22 else { return try afterToken(line, start) }
        var index = start + 1
        while index < line.count, line[index] != 0x22 {
            if line[index] == 0x5C { index += 1 }
            guard index < line.count, ByteClass.isFieldValue(line[index]) else { break }
            index += 1
        }
        guard index < line.count, line[index] == 0x22 else {
            throw .syntax("a chunk extension's quoted value is malformed")
        }
        return index + 1
    }
}
