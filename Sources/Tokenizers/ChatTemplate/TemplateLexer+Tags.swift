import Domain

/// What stands inside tags: names, literals and signs.
extension TemplateLexer {
    mutating func readTag(
        start: TemplateToken,
        end: TemplateToken,
        closing: String
    ) throws {
        append(start)
        var open = 0
        while position < source.count {
            let scalar = source[position]
            if TemplateStrings.isSpace(scalar) {
                position += 1
            } else if open == 0, let offset = closingOffset(closing) {
                append(end)
                endTag(at: offset, length: 2, trimsLine: closing == "%}")
                return
            } else if scalar == "'" || scalar == "\"" {
                try readString(quote: scalar)
            } else if ("0"..."9").contains(scalar) {
                try readNumber()
            } else if scalar == "_" || scalar.properties.isAlphabetic {
                readName()
            } else {
                open += "([{".unicodeScalars.contains(scalar) ? 1 : 0
                open -= ")]}".unicodeScalars.contains(scalar) ? 1 : 0
                try readSign()
            }
        }
        throw Self.failure("has a tag without end")
    }

    /// Where `closing` starts when it is next, after at most one `-` or `+`.
    private func closingOffset(_ closing: String) -> Int? {
        if starts(with: closing, at: position) { return position }
        guard source[position] == "-" || source[position] == "+",
            starts(with: closing, at: position + 1)
        else { return nil }
        return position + 1
    }

    private mutating func readString(quote: Unicode.Scalar) throws {
        var value = String.UnicodeScalarView()
        position += 1
        while position < source.count, source[position] != quote {
            if source[position] == "\\", position + 1 < source.count {
                position += 1
                try readEscape(into: &value)
            } else {
                value.append(source[position])
                position += 1
            }
        }
        guard position < source.count else { throw Self.failure("has a string without end") }
        position += 1
        append(.string(String(value)))
    }

    /// Python's escapes of string literals.
    private mutating func readEscape(into value: inout String.UnicodeScalarView) throws {
        let scalar = source[position]
        position += 1
        switch scalar {
        case "n": value.append("\n")
        case "t": value.append("\t")
        case "r": value.append("\r")
        case "a": value.append("\u{7}")
        case "b": value.append("\u{8}")
        case "f": value.append("\u{C}")
        case "v": value.append("\u{B}")
        case "\\", "'", "\"": value.append(scalar)
        case "\n": break
        case "0"..."7":
            position -= 1
            value.append(try readEscaped(digits: 1...3, radix: 8))
        case "x": value.append(try readEscaped(digits: 2...2, radix: 16))
        case "u": value.append(try readEscaped(digits: 4...4, radix: 16))
        case "U": value.append(try readEscaped(digits: 8...8, radix: 16))
        case "N": throw Self.failure("names a character by '\\N', which is not supported")
        default:
            value.append("\\")
            value.append(scalar)
        }
    }

    private mutating func readEscaped(
        digits count: ClosedRange<Int>,
        radix: Int
    ) throws -> Unicode.Scalar {
        var text = ""
        while text.utf8.count < count.upperBound, position < source.count,
            source[position].isASCII, Character(source[position]).hexDigitValue ?? 99 < radix
        {
            text.unicodeScalars.append(source[position])
            position += 1
        }
        guard text.utf8.count >= count.lowerBound, let number = UInt32(text, radix: radix),
            let scalar = Unicode.Scalar(number)
        else { throw Self.failure("has an escape in a string that stands for no character") }
        return scalar
    }

    private mutating func readNumber() throws {
        if try readPrefixedNumber() { return }
        let start = position
        // After a dot it is a place in a list: "x.0.1" has no fraction.
        let isPlace = start > 0 && source[start - 1] == "."
        readDigits()
        var isWhole = true
        if !isPlace, position < source.count, source[position] == ".", isDigit(position + 1) {
            isWhole = false
            position += 1
            readDigits()
        }
        if !isPlace, position < source.count, source[position] == "e" || source[position] == "E" {
            let hasSign =
                position + 1 < source.count && "+-".unicodeScalars.contains(source[position + 1])
            let digits = position + (hasSign ? 2 : 1)
            if isDigit(digits) {
                isWhole = false
                position = digits
                readDigits()
            }
        }
        let text = String(String.UnicodeScalarView(source[start..<position].filter { $0 != "_" }))
        if isWhole, let value = Int(text) {
            append(.integer(value))
        } else if !isWhole, let value = Double(text) {
            append(.number(value))
        } else {
            throw Self.failure("has the number '\(text)', which is too large")
        }
    }

    private func isDigit(_ offset: Int) -> Bool {
        offset < source.count && ("0"..."9").contains(source[offset])
    }

    private mutating func readDigits() {
        while isDigit(position)
            || position < source.count && source[position] == "_" && isDigit(position + 1)
        {
            position += 1
        }
    }

    /// Reads `0x1F`, `0b101` or `0o17`; returns whether there was one.
    private mutating func readPrefixedNumber() throws -> Bool {
        guard source[position] == "0", position + 2 < source.count else { return false }
        let radix: Int
        switch source[position + 1] {
        case "x", "X": radix = 16
        case "b", "B": radix = 2
        case "o", "O": radix = 8
        default: return false
        }
        func holds(_ offset: Int) -> Bool {
            offset < source.count && source[offset].isASCII
                && Character(source[offset]).hexDigitValue ?? 99 < radix
        }
        var end = position + 2
        var text = ""
        while holds(end) || end < source.count && source[end] == "_" && holds(end + 1) {
            if source[end] != "_" { text.unicodeScalars.append(source[end]) }
            end += 1
        }
        guard !text.isEmpty else { return false }
        guard let value = Int(text, radix: radix) else {
            throw Self.failure("has a number that is too large")
        }
        position = end
        append(.integer(value))
        return true
    }

    private mutating func readName() {
        let start = position
        while position < source.count,
            source[position] == "_" || source[position].properties.isAlphabetic
                || ("0"..."9").contains(source[position])
        {
            position += 1
        }
        append(.name(String(String.UnicodeScalarView(source[start..<position]))))
    }

    private mutating func readSign() throws {
        for sign in ["==", "!=", "<=", ">=", "//", "**"] where starts(with: sign, at: position) {
            append(.sign(sign))
            position += 2
            return
        }
        let scalar = source[position]
        guard "+-*/%~<>=()[]{}.,:|".unicodeScalars.contains(scalar) else {
            throw Self.failure("has the sign '\(scalar)', which is not part of any expression")
        }
        append(.sign(String(scalar)))
        position += 1
    }
}
