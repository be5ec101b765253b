internal import FoundationEssentials

/// Whether text is JSON to the letter (RFC 8259) and small enough to build a tree of, found out without
/// building any.
///
/// `JSONDecoder` lets commas at the end, byte order marks and repeated names pass, and its tree takes many
/// times the text: files of strangers are checked before they are given to it.
struct JSONCheck {
    /// Deeper nesting is taken for an attack.
    static let depthLimit = 64
    /// More values are; the index of the largest model has some thousands.
    static let valueLimit = 1 << 20

    /// What a number or a word ends before, white space aside.
    private static let ends = [UInt8](",:]}[{\"".utf8)

    private struct Flaw: Error {
        var problem: String
        var offset: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private var valueCount = 0
    /// The names of each object that is open; `nil` for a list.
    private var open: [Set<[UInt8]>?] = []

    /// What is wrong with `data`, in one line; `nil` when nothing is.
    static func problem(in data: Data) -> String? {
        data.withUnsafeBytes { bytes in
            guard String(validating: bytes, as: UTF8.self) != nil else { return "it is not UTF-8" }
            var check = JSONCheck(bytes)
            do throws(Flaw) { try check.document() } catch {
                return "\(error.problem) at byte \(error.offset)"
            }
            return nil
        }
    }

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private func flaw(_ problem: String) -> Flaw { Flaw(problem: problem, offset: offset) }

    // MARK: Structure

    private mutating func document() throws(Flaw) {
        var expectsValue = true
        repeat {
            expectsValue = expectsValue ? try begin() : try proceed()
        } while expectsValue || !open.isEmpty
        guard next() == nil else { throw flaw("text follows the end") }
    }

    /// Reads a scalar or opens a list or object.
    ///
    /// - Returns: whether a value inside it comes next.
    private mutating func begin() throws(Flaw) -> Bool {
        valueCount += 1
        guard valueCount <= Self.valueLimit else {
            throw flaw("more than \(Self.valueLimit) values")
        }
        switch next() {
        case UInt8(ascii: "{"):
            try enter([])
            if take(UInt8(ascii: "}")) {
                open.removeLast()
                return false
            }
            try name()
            return true
        case UInt8(ascii: "["):
            try enter(nil)
            if take(UInt8(ascii: "]")) {
                open.removeLast()
                return false
            }
            return true
        case UInt8(ascii: "\""): try string()
        case nil: throw flaw("it ends too soon")
        default: try word()
        }
        return false
    }

    private mutating func enter(_ names: Set<[UInt8]>?) throws(Flaw) {
        guard open.count < Self.depthLimit else {
            throw flaw("nesting deeper than \(Self.depthLimit)")
        }
        open.append(names)
        offset += 1
    }

    /// Goes on behind a value inside a list or object.
    ///
    /// - Returns: whether another value comes next.
    private mutating func proceed() throws(Flaw) -> Bool {
        let isObject = open.last.map { $0 != nil } ?? false
        if take(UInt8(ascii: ",")) {
            if isObject { try name() }
            return true
        }
        guard take(UInt8(ascii: isObject ? "}" : "]")) else {
            throw flaw("neither a comma nor the end of \(isObject ? "an object" : "a list")")
        }
        open.removeLast()
        return false
    }

    private mutating func name() throws(Flaw) {
        guard next() == UInt8(ascii: "\"") else { throw flaw("no name where one must be") }
        let start = offset
        let hasEscapes = try string()
        var name = Array(bytes[start..<offset])
        if hasEscapes {
            guard let text = try? JSONDecoder().decode(String.self, from: Data(name)) else {
                throw flaw("a name that is no text")
            }
            name = [0x22] + Array(text.utf8) + [0x22]
        }
        guard open[open.count - 1]?.insert(name).inserted == true else {
            let text = String(decoding: name.prefix(100), as: UTF8.self)
            throw flaw("the name \(text) occurs twice in one object")
        }
        guard take(UInt8(ascii: ":")) else { throw flaw("no ':' behind a name") }
    }

    // MARK: Tokens

    private mutating func next() -> UInt8? {
        while offset < bytes.count, Self.isSpace(bytes[offset]) { offset += 1 }
        return offset < bytes.count ? bytes[offset] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        offset += 1
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Follows a string to its end; whether it has escapes, which the decoder checks.
    @discardableResult
    private mutating func string() throws(Flaw) -> Bool {
        var hasEscapes = false
        offset += 1
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return hasEscapes
            case UInt8(ascii: "\\"): (hasEscapes, offset) = (true, offset + 2)
            case 0..<0x20: throw flaw("a control character in a text")
            default: offset += 1
            }
        }
        offset = bytes.count
        throw flaw("a text that does not end")
    }

    /// A number, `true`, `false` or `null`.
    private mutating func word() throws(Flaw) {
        let start = offset
        while offset < bytes.count, !Self.isSpace(bytes[offset]), !Self.ends.contains(bytes[offset])
        {
            offset += 1
        }
        let word = bytes[start..<offset]
        let isKnown = ["true", "false", "null"].contains { word.elementsEqual($0.utf8) }
        guard isKnown || Self.isNumber(word) else {
            offset = start
            throw flaw("something that is no JSON value")
        }
    }

    private static func isNumber(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        var rest = text
        func digits() -> Int {
            let count = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let leading = rest.first
        let whole = digits()
        guard whole == 1 || whole > 1 && leading != UInt8(ascii: "0") else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                rest = rest.dropFirst()
            }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
