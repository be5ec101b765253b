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

    /// The token as messages name it.
    var description: String {
        switch self {
        case .text: "text"
        case .outputStart: "'{{'"
        case .outputEnd: "'}}'"
        case .blockStart: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .sign(let sign): "'\(sign)'"
        case .end: "its end"
        }
    }
}

/// Cuts a template into tokens, with white space handled as `transformers` sets Jinja up: the
/// first line end after a block goes, and so does the indentation before one.
struct TemplateLexer {
    let source: [Unicode.Scalar]
    var position = 0
    private(set) var tokens: [TemplateToken] = []
    /// The line on which each token starts, from 1.
    private(set) var lines: [Int] = []
    private var line = 1
    private var linesCountedTo = 0
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

    /// Cuts `text`; the second list is the line of each token.
    static func tokens(of text: String) throws -> ([TemplateToken], lines: [Int]) {
        var lexer = Self(text)
        do {
            while lexer.position < lexer.source.count { try lexer.readTextAndTag() }
        } catch {
            lexer.countLines(to: lexer.position)
            throw located(error, line: lexer.line)
        }
        lexer.append(.end)
        return (lexer.tokens, lexer.lines)
    }

    static func failure(_ message: String) -> HoneError {
        HoneError(.invalidModelFile, "the chat template \(message)", param: "chat_template")
    }

    /// `error` with the line it arose on; what a template raises itself stays as it is.
    static func located(_ error: any Error, line: Int) -> any Error {
        guard let error = error as? HoneError, error.code == .invalidModelFile else { return error }
        return HoneError(.invalidModelFile, "\(error.message) (line \(line))", param: error.param)
    }

    mutating func append(_ token: TemplateToken) {
        countLines(to: position)
        tokens.append(token)
        lines.append(line)
    }

    private mutating func countLines(to end: Int) {
        let end = min(end, source.count)
        guard linesCountedTo < end else { return }
        for scalar in source[linesCountedTo..<end] where scalar == "\n" { line += 1 }
        linesCountedTo = end
    }

    // MARK: Text and tags

    func starts(with sign: String, at offset: Int) -> Bool {
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
            while let last = text.last, TemplateStrings.isSpace(last) { text.removeLast() }
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
            text[lineStart...].allSatisfy(TemplateStrings.isSpace)
        else { return }
        text.removeSubrange(lineStart...)
    }

    private mutating func emit(_ text: [Unicode.Scalar]) {
        guard !text.isEmpty else { return }
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text)
        append(.text(String(string)))
    }

    /// Ends a tag whose closing sign starts at `offset`.
    mutating func endTag(at offset: Int, length: Int, trimsLine: Bool) {
        let modifier = offset > position ? source[offset - 1] : " "
        position = offset + length
        if modifier == "-" {
            while position < source.count, TemplateStrings.isSpace(source[position]) {
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
            while offset < source.count, TemplateStrings.isSpace(source[offset]) { offset += 1 }
        }
        skipSpace()
        guard starts(with: "raw", at: offset) else { return false }
        offset += 3
        skipSpace()
        if starts(with: "-", at: offset) { offset += 1 }
        guard starts(with: "%}", at: offset) else { return false }
        // Jinja keeps the line end after "raw", unlike that after other blocks.
        endTag(at: offset, length: 2, trimsLine: false)
        let start = position
        while let tag = find("{%", from: offset) {
            offset = tag + 2
            let isTrimming = starts(with: "-", at: offset)
            let isKeeping = starts(with: "+", at: offset)
            if isTrimming || isKeeping { offset += 1 }
            skipSpace()
            guard starts(with: "endraw", at: offset) else { continue }
            offset += 6
            skipSpace()
            let end =
                starts(with: "-", at: offset) || starts(with: "+", at: offset) ? offset + 1 : offset
            guard starts(with: "%}", at: end) else { continue }
            var text = Array(source[start..<max(start, tag)])
            if isTrimming {
                while let last = text.last, TemplateStrings.isSpace(last) { text.removeLast() }
            } else if !isKeeping {
                stripIndentation(&text)
            }
            emit(text)
            position = offset
            endTag(at: end, length: 2, trimsLine: true)
            return true
        }
        throw Self.failure("has 'raw' without 'endraw'")
    }
}
