import Domain

/// Reads JSON text (RFC 8259) byte by byte and builds no tree: for files that are nearly all one
/// table.
///
/// Values that are read are checked; values that are skipped are only followed to their end.
struct JSONScanner {
    private let bytes: [UInt8]
    private let name: String
    /// Where the next byte is read.
    private(set) var offset = 0

    /// Starts at the beginning of `bytes`; `name` is what messages call the file.
    init(_ bytes: [UInt8], name: String) {
        self.bytes = bytes
        self.name = name
    }

    /// The first byte of the next value.
    mutating func next() -> UInt8? {
        while offset < bytes.count, isSpace(bytes[offset]) { offset += 1 }
        return offset < bytes.count ? bytes[offset] : nil
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private func failure(_ problem: String) -> HoneError {
        TokenizerDefinition.invalid(
            name,
            "is damaged at byte \(offset): \(problem); fetch the file again"
        )
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar, _ place: String) throws {
        guard take(UInt8(ascii: character)) else { throw failure("no '\(character)' \(place)") }
    }

    // MARK: Values

    /// Reads an object: `member` reads the value of each name, which is lent as UTF-8.
    mutating func object(
        _ member: (_ scanner: inout Self, _ name: [UInt8]) throws -> Void
    ) throws {
        try expect("{", "where an object begins")
        if take(UInt8(ascii: "}")) { return }
        var name: [UInt8] = []
        repeat {
            name.removeAll(keepingCapacity: true)
            try string(into: &name)
            try expect(":", "after a name")
            try member(&self, name)
        } while take(UInt8(ascii: ","))
        try expect("}", "where an object ends")
    }

    /// Reads an array: `element` reads each value.
    mutating func array(_ element: (_ scanner: inout Self) throws -> Void) throws {
        try expect("[", "where a list begins")
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect("]", "where a list ends")
    }

    /// Reads a whole number without fraction or exponent; `nil`, and nothing read, for other values.
    mutating func integer() -> Int? {
        guard let first = next() else { return nil }
        var end = offset + (first == UInt8(ascii: "-") ? 1 : 0)
        let digits = end
        var value = 0
        while end < bytes.count, (0x30...0x39).contains(bytes[end]) {
            let (tens, isTooGreat) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tens.addingReportingOverflow(Int(bytes[end] - 0x30))
            if isTooGreat || overflows { return nil }
            value = sum
            end += 1
        }
        let hasLeadingZero = end > digits + 1 && bytes[digits] == 0x30
        guard end > digits, !hasLeadingZero, end == bytes.count || isEnd(bytes[end]) else {
            return nil
        }
        offset = end
        return first == UInt8(ascii: "-") ? -value : value
    }

    /// Appends the text of a string, its escapes resolved, to `text`.
    ///
    /// The bytes are not checked to be UTF-8.
    mutating func string(into text: inout [UInt8]) throws {
        try expect("\"", "where a text begins")
        var start = offset
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                text.append(contentsOf: bytes[start..<offset])
                offset += 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: bytes[start..<offset])
                offset += 1
                try escape(into: &text)
                start = offset
            } else if byte < 0x20 {
                throw failure("a control character in a text")
            } else {
                offset += 1
            }
        }
        throw failure("a text does not end")
    }

    /// Follows the next value to its end.
    mutating func skip() throws {
        guard next() != nil else { throw failure("a value is missing") }
        var depth = 0
        repeat {
            switch next() {
            case nil: throw failure("it ends too soon")
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["): (depth, offset) = (depth + 1, offset + 1)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): (depth, offset) = (depth - 1, offset + 1)
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw failure("a value is missing") }
                offset += 1
            default: while offset < bytes.count, !isEnd(bytes[offset]) { offset += 1 }
            }
        } while depth > 0
        guard depth == 0 else { throw failure("a value is missing") }
    }

    /// Makes sure that nothing but white space is left.
    mutating func end() throws {
        guard next() == nil else { throw failure("text follows the end") }
    }

    /// Whether a number or a word cannot go on with `byte`.
    private func isEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
            true
        default: isSpace(byte)
        }
    }

    private mutating func skipString() throws {
        offset += 1
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"): offset += 2
            default: offset += 1
            }
        }
        offset = bytes.count
        throw failure("a text does not end")
    }

    // MARK: Escapes

    private mutating func escape(into text: inout [UInt8]) throws {
        guard offset < bytes.count else { throw failure("a text does not end") }
        let letter = bytes[offset]
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = Unicode.Scalar(try codePoint()), let code = UTF8.encode(scalar)
            else { throw failure("half of a surrogate pair") }
            text.append(contentsOf: code)
        default: throw failure("an unknown escape in a text")
        }
    }

    /// What `\uXXXX` stands for, or two of them that make a surrogate pair.
    private mutating func codePoint() throws -> UInt32 {
        let first = try fourDigits()
        guard (0xD800..<0xDC00).contains(first), offset + 1 < bytes.count,
            bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
        else { return first }
        offset += 2
        let second = try fourDigits()
        guard (0xDC00..<0xE000).contains(second) else { return first }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func fourDigits() throws -> UInt32 {
        guard offset + 4 <= bytes.count else { throw failure("a text does not end") }
        var code: UInt32 = 0
        for byte in bytes[offset..<offset + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\\u without four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
        }
        offset += 4
        return code
    }
}
