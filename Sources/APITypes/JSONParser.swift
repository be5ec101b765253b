import Domain

/// JSON text to a value, by RFC 8259 to the letter.
///
/// Foundation's decoder takes trailing commas and does not say where the text is wrong; this one
/// takes no liberties, knows line and column, and costs no thrown error for each leaf.
struct JSONParser {
    /// Why and where the text is no JSON.
    struct Failure: Error {
        var message: String
        var line: Int
        var column: Int
    }

    /// Deeper nesting is refused: no request needs it, and the stack is finite.
    private static let maximumDepth = 64

    private let bytes: [UInt8]
    private var index = 0

    /// The value that the whole text spells.
    static func parse(_ bytes: [UInt8]) throws(Failure) -> Value {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        if parser.index < bytes.count { throw parser.failure("something follows the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipBlanks() {
        while let byte = next, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { index += 1 }
    }

    private mutating func value(depth: Int) throws(Failure) -> Value {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        case nil: throw failure("the text ends where a value should be")
        default: throw failure("a value should be here")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> Value {
        guard depth < Self.maximumDepth else { throw failure("is nested too deeply") }
        index += 1
        var fields: [String: Value] = [:]
        skipBlanks()
        if next == UInt8(ascii: "}") {
            index += 1
            return .object(fields)
        }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw failure("a field's name should be here") }
            let place = self
            let name = try string()
            skipBlanks()
            try expect(":", "a colon should be here")
            let field = try value(depth: depth + 1)
            // Readers of duplicate names disagree on which one counts: refuse them.
            guard fields.updateValue(field, forKey: name) == nil else {
                throw place.failure("the field \"\(name)\" is given twice")
            }
            if try ends(with: "}") { return .object(fields) }
        }
    }

    private mutating func array(depth: Int) throws(Failure) -> Value {
        guard depth < Self.maximumDepth else { throw failure("is nested too deeply") }
        index += 1
        var elements: [Value] = []
        skipBlanks()
        if next == UInt8(ascii: "]") {
            index += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try ends(with: "]") { return .array(elements) }
        }
    }

    /// Passes a comma (false) or the end (true).
    private mutating func ends(with end: Character) throws(Failure) -> Bool {
        skipBlanks()
        if next == UInt8(ascii: ",") {
            index += 1
            return false
        }
        try expect(end, "a comma or \(end) should be here")
        return true
    }

    private mutating func expect(_ character: Character, _ message: String) throws(Failure) {
        guard let byte = next, byte == character.asciiValue else { throw failure(message) }
        index += 1
    }

    private mutating func word(_ word: StaticString, _ value: Value) throws(Failure) -> Value {
        let text = Array("\(word)".utf8)
        guard bytes[index...].starts(with: text) else { throw failure("a value should be here") }
        index += text.count
        return value
    }

    private mutating func number() throws(Failure) -> Value {
        let start = self
        if next == UInt8(ascii: "-") { index += 1 }
        let leadsWithZero = next == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !leadsWithZero || whole == 1 else { throw start.failure("is no number") }
        var isWhole = true
        if next == UInt8(ascii: ".") {
            isWhole = false
            index += 1
            guard digits() > 0 else { throw start.failure("is no number") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            index += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
            guard digits() > 0 else { throw start.failure("is no number") }
        }
        let text = String(decoding: bytes[start.index..<index], as: UTF8.self)
        if isWhole, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw start.failure("is a number out of range")
        }
        return .number(number)
    }

    /// Passes digits and counts them.
    private mutating func digits() -> Int {
        let start = index
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            index += 1
        }
        return index - start
    }

    private mutating func string() throws(Failure) -> String {
        let start = self
        index += 1
        var text: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw start.failure("is a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20:
                index -= 1
                throw failure("a control character must be written as an escape")
            default: text.append(byte)
            }
        }
        throw start.failure("is a string without an end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(Failure) {
        let escapes: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D,
            0x74: 0x09,
        ]
        guard let byte = next else { throw failure("the text ends within a string") }
        index += 1
        if let plain = escapes[byte] {
            text.append(plain)
            return
        }
        guard byte == UInt8(ascii: "u") else { throw failure("is an unknown escape") }
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code) {
            guard bytes[index...].starts(with: [0x5C, 0x75]) else {
                throw failure("half of a surrogate pair is missing")
            }
            index += 2
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else {
                throw failure("half of a surrogate pair is missing")
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw failure("half of a surrogate pair is missing")
        }
        text += Array(String(Character(scalar)).utf8)
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        guard index + 4 <= bytes.count else { throw failure("the text ends within a string") }
        var code: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("four hexadecimal digits should be here")
            }
            code = code << 4 | UInt32(digit)
        }
        index += 4
        return code
    }

    private func failure(_ message: String) -> Failure {
        let before = bytes[..<index]
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return Failure(message: message, line: line, column: index - lineStart + 1)
    }
}
