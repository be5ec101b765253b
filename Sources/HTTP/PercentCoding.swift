/// Percent-encoding (RFC 3986 §2.1) and the `+` of query strings.
public enum PercentCoding {
    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        plusIsSpace: Bool
    ) throws(HTTPParseError) -> String {
        guard bytes.contains(where: { $0 == 0x25 || ($0 == 0x2B && plusIsSpace) }) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == 0x25 else {
                result.append(byte == 0x2B && plusIsSpace ? 0x20 : byte)
                continue
            }
            guard index + 1 < bytes.count, let high = ByteClass.hexValue(bytes[index]),
                let low = ByteClass.hexValue(bytes[index + 1])
            else { throw .syntax("the request target has an invalid percent escape") }
            result.append(high << 4 | low)
            index += 2
        }
        guard let text = String(validating: result, as: UTF8.self), !result.contains(0) else {
            throw .syntax("the request target's escapes are not UTF-8 text")
        }
        return text
    }

    /// The text with everything but unreserved characters escaped: safe as one path segment or query value.
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            let isAlphanumeric =
                ByteClass.isDigit(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
            if isAlphanumeric || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte) {
                result.append(byte)
            } else {
                result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
