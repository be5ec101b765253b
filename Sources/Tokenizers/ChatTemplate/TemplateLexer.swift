import Domain

/// A piece of a template's source.
enum TemplateToken: Equatable {
    case text(String)
    case outputStart, outputEnd
    case blockStart, blockEnd
    case name(String)
    case string(String)
    case integer(Int)
    case number(Double)
    case sign(String)
    case end
}

/// Cuts a template into tokens, with white space handled as `transformers` sets Jinja up: the
/// first line end after a block goes, and so does the indentation before one.
struct TemplateLexer {
    private let source: [Unicode.Scalar]
    private var position = 0
    private var tokens: [TemplateToken] = []
    /// Whether the text that follows starts a line.
    private var isAtLineStart = true
    /// Whether the tag before asked for all white space after it to go.
    private var trimsNextText = false

    private init(_ text: String) {
        var source: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            // Jinja reads every kind of line end as "\n".
            if scalar == "\n", source.last == "\r" { source.removeLast() }
            source.append(scalar)
        }
        source = source.map { $0 == "\r" ? "\n" : $0 }
        if source.last == "\n" { source.removeLast() }
        self.source = source
    }

    static func tokens(of text: String) throws -> [TemplateToken] {
        var lexer = Self(text)
        while lexer.position < lexer.source.count { try lexer.readTextAndTag() }
        return lexer.tokens + [.end]
    }

    static func failure(_ message: String) -> HoneError {
        HoneError(.invalidModelFile, "the chat template \(message)", param: "chat_template")
    }

    // MARK: Text and tags

    private func starts(with sign: String, at offset: Int) -> Bool {
        let scalars = Array(sign.unicodeScalars)
        guard offset >= 0, offset + scalars.count <= source.count else { return false }
        return source[offset..<offset + scalars.count].elementsEqual(scalars)
    }

    private func find(_ sign: String, from start: Int) -> Int? {
        var offset = start
        while offset < source.count {
            if starts(with: sign, at: offset) { return offset }
            offset += 1
        }
        return nil
    }

    private mutating func readTextAndTag() throws {
        let start = position
        var tag = position
        while tag < source.count,
            !(source[tag] == "{" && ["{{", "{%", "{#"].contains { starts(with: $0, at: tag) })
        {
            tag += 1
        }
        guard tag < source.count else {
            emit(Array(source[start...]))
            position = source.count
            return
        }
        let kind = source[tag + 1]
        let marker = tag + 2 < source.count ? source[tag + 2] : " "
        var text = Array(source[start..<tag])
        if marker == "-" {
            while text.last?.properties.isWhitespace == true { text.removeLast() }
        } else if kind != "{", marker != "+" {
            stripIndentation(&text)
        }
        emit(text)
        position = tag + (marker == "-" || marker == "+" ? 3 : 2)
        switch kind {
        case "#": try skipComment()
        case "{": try readTag(start: .outputStart, end: .outputEnd, closing: "}}")
        default:
            if try readRaw() { return }
            try readTag(start: .blockStart, end: .blockEnd, closing: "%}")
        }
    }

    private func stripIndentation(_ text: inout [Unicode.Scalar]) {
        let lineStart = text.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        guard lineStart > 0 || isAtLineStart,
            text[lineStart...].allSatisfy({ $0 == " " || $0 == "\t" })
        else { return }
        text.removeSubrange(lineStart...)
    }

    private mutating func emit(_ text: [Unicode.Scalar]) {
        guard !text.isEmpty else { return }
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text)
        tokens.append(.text(String(string)))
    }

    /// Ends a tag whose closing sign starts at `offset`.
    private mutating func endTag(at offset: Int, length: Int, trimsLine: Bool) {
        let modifier = offset > 0 ? source[offset - 1] : " "
        position = offset + length
        if modifier == "-" {
            while position < source.count, source[position].properties.isWhitespace {
                position += 1
            }
        } else if trimsLine, modifier != "+", position < source.count, source[position] == "\n" {
            position += 1
        }
        isAtLineStart = position > 0 && source[position - 1] == "\n"
    }

    private mutating func skipComment() throws {
        guard let end = find("#}", from: position) else {
            throw Self.failure("has a comment without end")
        }
        endTag(at: end, length: 2, trimsLine: true)
    }

    /// `{% raw %}…{% endraw %}`: returns whether this tag is one.
    private mutating func readRaw() throws -> Bool {
        var offset = position
        func skipSpace() {
            while offset < source.count, source[offset].properties.isWhitespace { offset += 1 }
        }
        skipSpace()
        guard starts(with: "raw", at: offset) else { return false }
        offset += 3
        skipSpace()
        if starts(with: "-", at: offset) { offset += 1 }
        guard starts(with: "%}", at: offset) else { return false }
        endTag(at: offset, length: 2, trimsLine: true)
        let start = position
        while let tag = find("{%", from: offset) {
            offset = tag + 2
            let isTrimming = starts(with: "-", at: offset)
            if isTrimming { offset += 1 }
            skipSpace()
            guard starts(with: "endraw", at: offset), let end = find("%}", from: offset) else {
                continue
            }
            var text = Array(source[start..<max(start, tag)])
            if isTrimming {
                while text.last?.properties.isWhitespace == true { text.removeLast() }
            } else {
                stripIndentation(&text)
            }
            emit(text)
            endTag(at: end, length: 2, trimsLine: true)
            return true
        }
        throw Self.failure("has 'raw' without 'endraw'")
    }

    // MARK: Inside tags

    private mutating func readTag(
        start: TemplateToken,
        end: TemplateToken,
        closing: String
    ) throws {
        tokens.append(start)
        var open = 0
        while position < source.count {
            let scalar = source[position]
            if scalar.properties.isWhitespace {
                position += 1
            } else if open == 0, let offset = closingOffset(closing) {
                tokens.append(end)
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
                readEscape(into: &value)
            } else {
                value.append(source[position])
                position += 1
            }
        }
        guard position < source.count else { throw Self.failure("has a string without end") }
        position += 1
        tokens.append(.string(String(value)))
    }

    private mutating func readEscape(into value: inout String.UnicodeScalarView) {
        let scalar = source[position]
        position += 1
        switch scalar {
        case "n": value.append("\n")
        case "t": value.append("\t")
        case "r": value.append("\r")
        case "b": value.append("\u{8}")
        case "f": value.append("\u{C}")
        case "v": value.append("\u{B}")
        case "0": value.append("\0")
        case "\\", "'", "\"": value.append(scalar)
        case "\n": break
        case "x", "u", "U":
            let length = scalar == "x" ? 2 : scalar == "u" ? 4 : 8
            let digits = source[position..<min(position + length, source.count)]
            let text = String(String.UnicodeScalarView(digits))
            if text.count == length, let number = UInt32(text, radix: 16),
                let escaped = Unicode.Scalar(number)
            {
                position += length
                value.append(escaped)
            } else {
                value.append("\\")
                value.append(scalar)
            }
        default:
            value.append("\\")
            value.append(scalar)
        }
    }

    private mutating func readNumber() throws {
        let start = position
        func isDigit(_ offset: Int) -> Bool {
            offset < source.count && ("0"..."9").contains(source[offset])
        }
        while isDigit(position) || position < source.count && source[position] == "_" {
            position += 1
        }
        var isWhole = true
        if position < source.count, source[position] == ".", isDigit(position + 1) {
            isWhole = false
            position += 1
            while isDigit(position) { position += 1 }
        }
        if position < source.count, source[position] == "e" || source[position] == "E" {
            let hasSign =
                position + 1 < source.count && "+-".unicodeScalars.contains(source[position + 1])
            let digits = position + (hasSign ? 2 : 1)
            if isDigit(digits) {
                isWhole = false
                position = digits
                while isDigit(position) { position += 1 }
            }
        }
        let text = String(String.UnicodeScalarView(source[start..<position].filter { $0 != "_" }))
        if isWhole, let value = Int(text) {
            tokens.append(.integer(value))
        } else if let value = Double(text) {
            tokens.append(.number(value))
        } else {
            throw Self.failure("has the number '\(text)', which cannot be read")
        }
    }

    private mutating func readName() {
        let start = position
        while position < source.count,
            source[position] == "_" || source[position].properties.isAlphabetic
                || ("0"..."9").contains(source[position])
        {
            position += 1
        }
        tokens.append(.name(String(String.UnicodeScalarView(source[start..<position]))))
    }

    private mutating func readSign() throws {
        for sign in ["==", "!=", "<=", ">=", "//", "**"] where starts(with: sign, at: position) {
            tokens.append(.sign(sign))
            position += 2
            return
        }
        let scalar = source[position]
        guard "+-*/%~<>=()[]{}.,:|".unicodeScalars.contains(scalar) else {
            throw Self.failure("has the sign '\(scalar)', which is not part of any expression")
        }
        tokens.append(.sign(String(scalar)))
        position += 1
    }
}
