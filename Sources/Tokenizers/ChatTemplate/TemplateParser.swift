import Domain

/// Parses a template's statements; expressions are in `TemplateParser+Expressions.swift`.
struct TemplateParser {
    /// How deep statements and expressions may nest, so that no template exhausts the stack.
    private static let deepestNesting = 100
    private static let mostLinks = 1000

    private let tokens: [TemplateToken]
    private var position = 0
    private var depth = 0
    /// Values, operators, filters and accesses of the statement being parsed: each deepens its tree.
    private var links = 0

    static func parse(_ source: String) throws -> [TemplateNode] {
        var parser = Self(tokens: try TemplateLexer.tokens(of: source))
        let nodes = try parser.body(until: [])
        guard parser.current == .end else { throw parser.unexpected() }
        return nodes
    }

    private init(tokens: [TemplateToken]) { self.tokens = tokens }

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

    func unexpected() -> HoneError { TemplateLexer.failure("has \(current) where it cannot stand") }

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

    // MARK: Statements

    /// Parses up to a block whose name is in `ends`, which stays current (after its start).
    private mutating func body(until ends: Set<String>) throws -> [TemplateNode] {
        try nested { parser in
            var nodes: [TemplateNode] = []
            while true {
                parser.links = 0
                switch parser.current {
                case .text(let text):
                    parser.advance()
                    nodes.append(.text(text))
                case .outputStart:
                    parser.advance()
                    nodes.append(.output(try parser.expression()))
                    try parser.expect(.outputEnd)
                case .blockStart:
                    guard case .name(let name) = parser.next else {
                        parser.advance()
                        throw parser.unexpected()
                    }
                    parser.advance()
                    if ends.contains(name) { return nodes }
                    parser.advance()
                    nodes += try parser.statement(name)
                default:
                    guard ends.isEmpty else {
                        throw TemplateLexer.failure(
                            "lacks '\(ends.sorted().joined(separator: "' or '"))'"
                        )
                    }
                    return nodes
                }
            }
        }
    }

    /// Ends a block opened before: `name`, then the tag's end.
    private mutating func close(_ name: String) throws {
        guard skip(word: name) else { throw unexpected() }
        try expect(.blockEnd)
    }

    private mutating func statement(_ name: String) throws -> [TemplateNode] {
        switch name {
        case "if": return [try branch()]
        case "for": return [.loop(try loop())]
        case "set": return [try set()]
        case "macro": return [.macro(try macro())]
        case "break", "continue":
            try expect(.blockEnd)
            return [name == "break" ? .breakLoop : .continueLoop]
        case "generation":
            // Marks what the assistant said, for training masks; the text is as without it.
            try expect(.blockEnd)
            let nodes = try body(until: ["endgeneration"])
            try close("endgeneration")
            return nodes
        default:
            throw TemplateLexer.failure("uses the statement '\(name)', which is not supported")
        }
    }

    private mutating func branch() throws -> TemplateNode {
        var branches: [(condition: TemplateExpression, body: [TemplateNode])] = []
        var otherwise: [TemplateNode] = []
        repeat {
            let condition = try expression()
            try expect(.blockEnd)
            branches.append((condition, try body(until: ["elif", "else", "endif"])))
        } while skip(word: "elif")
        if skip(word: "else") {
            try expect(.blockEnd)
            otherwise = try body(until: ["endif"])
        }
        try close("endif")
        return .branch(branches, otherwise: otherwise)
    }

    private mutating func loop() throws -> TemplateLoop {
        let targets = try names()
        guard skip(word: "in") else { throw unexpected() }
        let items = try expressionWithoutCondition()
        let condition = skip(word: "if") ? try expression() : nil
        try expect(.blockEnd)
        let nodes = try body(until: ["else", "endfor"])
        var otherwise: [TemplateNode] = []
        if skip(word: "else") {
            try expect(.blockEnd)
            otherwise = try body(until: ["endfor"])
        }
        try close("endfor")
        return TemplateLoop(
            targets: targets,
            items: items,
            condition: condition,
            body: nodes,
            otherwise: otherwise
        )
    }

    /// Reads `a`, `a, b` or `(a, b)` as a list of names.
    private mutating func names() throws -> [String] {
        let isEnclosed = skip(sign: "(")
        var names = [try expectName()]
        while skip(sign: ",") { names.append(try expectName()) }
        if isEnclosed { try expect(.sign(")")) }
        return names
    }

    private mutating func set() throws -> TemplateNode {
        var targets: [TemplateTarget] = []
        repeat {
            let name = try expectName()
            targets.append(
                TemplateTarget(name: name, field: skip(sign: ".") ? try expectName() : nil)
            )
        } while skip(sign: ",")
        if skip(sign: "=") {
            let value = try expressionOrTuple()
            try expect(.blockEnd)
            return .set(targets, value)
        }
        try expect(.blockEnd)
        let nodes = try body(until: ["endset"])
        try close("endset")
        return .setBlock(targets[0], nodes)
    }

    private mutating func macro() throws -> TemplateMacro {
        let name = try expectName()
        try expect(.sign("("))
        var parameters: [(name: String, standard: TemplateExpression?)] = []
        while !skip(sign: ")") {
            let parameter = try expectName()
            parameters.append((parameter, skip(sign: "=") ? try expression() : nil))
            if current != .sign(")") { try expect(.sign(",")) }
        }
        try expect(.blockEnd)
        let nodes = try body(until: ["endmacro"])
        try close("endmacro")
        return TemplateMacro(name: name, parameters: parameters, body: nodes)
    }
}
