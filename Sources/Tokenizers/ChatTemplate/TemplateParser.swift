import Domain

/// Parses a template's statements and expressions, which are in the files beside this one.
struct TemplateParser {
    /// How deep statements and expressions may nest, so that no template exhausts the stack.
    private static let deepestNesting = 100
    private static let mostLinks = 1000

    private let tokens: [TemplateToken]
    private let lines: [Int]
    private(set) var position = 0
    private var depth = 0
    /// Values, operators, filters and accesses of the statement being parsed: each deepens its tree.
    private var links = 0
    /// Loops that stand around what is being parsed, within the same macro.
    var loops = 0

    static func parse(_ source: String) throws -> [TemplateNode] {
        let (tokens, lines) = try TemplateLexer.tokens(of: source)
        var parser = Self(tokens: tokens, lines: lines)
        do {
            let nodes = try parser.body(until: [])
            guard parser.current == .end else { throw parser.unexpected() }
            return nodes
        } catch {
            throw TemplateLexer.located(error, line: parser.line)
        }
    }

    private init(tokens: [TemplateToken], lines: [Int]) {
        self.tokens = tokens
        self.lines = lines
    }

    /// The line of the current token.
    var line: Int { lines[position] }

    // MARK: Tokens

    var current: TemplateToken { tokens[position] }

    var next: TemplateToken {
        position + 1 < tokens.count ? tokens[position + 1] : .end
    }

    mutating func advance() { position = min(position + 1, tokens.count - 1) }

    mutating func skip(_ token: TemplateToken) -> Bool {
        guard current == token else { return false }
        advance()
        return true
    }

    mutating func skip(sign: String) -> Bool { skip(.sign(sign)) }

    mutating func skip(word: String) -> Bool { skip(.name(word)) }

    mutating func expect(_ token: TemplateToken) throws {
        guard skip(token) else { throw unexpected() }
    }

    mutating func expectName() throws -> String {
        guard case .name(let name) = current else { throw unexpected() }
        advance()
        return name
    }

    func unexpected() -> HoneError {
        TemplateLexer.failure("has \(current.description) where it cannot stand")
    }

    /// Whether `name` is spoken of between the token at `start` and the current one.
    func speaks(of name: String, since start: Int) -> Bool {
        tokens[start..<position].contains(.name(name))
    }

    /// Starts counting the parts of another statement.
    mutating func startStatement() { links = 0 }

    /// Parses something inside; refuses to go deeper than the limit.
    mutating func nested<Result>(_ parse: (inout Self) throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepestNesting else {
            throw TemplateLexer.failure("nests deeper than \(Self.deepestNesting)")
        }
        return try parse(&self)
    }

    /// Counts one more part of the current statement.
    mutating func link() throws {
        links += 1
        guard links <= Self.mostLinks else {
            throw TemplateLexer.failure("has an expression of over \(Self.mostLinks) parts")
        }
    }
}
