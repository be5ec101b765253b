/// Reads the lines of a message head (RFC 9112 §2.2, §5), strictly: what two readers might take
/// differently is refused, because a proxy before us may be the other reader.
enum FieldLine {
    /// The line without its CRLF.
    ///
    /// - Throws: For a line that ends in a bare LF; what else it may not hold is for who reads it.
    static func content(
        _ line: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> UnsafeRawBufferPointer {
        guard line.count >= 2, line[line.count - 2] == 0x0D else {
            throw .syntax("a line of the message head does not end in CR LF")
        }
        return UnsafeRawBufferPointer(rebasing: line[..<(line.count - 2)])
    }

    /// Appends one field line to the headers.
    static func parse(
        _ line: UnsafeRawBufferPointer,
        into headers: inout HTTPHeaders
    ) throws(HTTPParseError) {
        guard let first = line.first, !ByteClass.isBlank(first) else {
            throw .syntax("a header line starts with a blank (obsolete folding)")
        }
        var colon = 0
        while colon < line.count, ByteClass.isToken(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == 0x3A else {
            throw .syntax("a header line is not a name, a colon right after it and a value")
        }
        var from = colon + 1
        var to = line.count
        while from < to, ByteClass.isBlank(line[from]) { from += 1 }
        while to > from, ByteClass.isBlank(line[to - 1]) { to -= 1 }
        for index in from..<to where !ByteClass.isFieldValue(line[index]) {
            throw .syntax("a header value has a control character")
        }
        headers.append(
            lowercased: lowercased(UnsafeRawBufferPointer(rebasing: line[..<colon])),
            String(decoding: line[from..<to], as: UTF8.self)
        )
    }

    private static func lowercased(_ name: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: name.count) { target in
            for (index, byte) in name.enumerated() {
                target[index] = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            }
            return name.count
        }
    }
}
