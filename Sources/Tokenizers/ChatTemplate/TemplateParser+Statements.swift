import Domain

/// Statements, and the text and outputs between them.
extension TemplateParser {
    /// Parses up to a block whose name is in `ends`, which stays current (after its start).
    mutating func body(until ends: Set<String>) throws -> [TemplateNode] {
        try nested { parser in
            var nodes: [TemplateNode] = []
            while true {
                parser.startStatement()
                let line = parser.line
                switch parser.current {
                case .text(let text):
                    parser.advance()
                    nodes.append(TemplateNode(line: line, content: .text(text)))
                case .outputStart:
                    parser.advance()
                    let value = try parser.expressionOrTuple()
                    nodes.append(TemplateNode(line: line, content: .output(value)))
                    try parser.expect(.outputEnd)
                case .blockStart:
                    parser.advance()
                    guard case .name(let name) = parser.current else { throw parser.unexpected() }
                    if ends.contains(name) { return nodes }
                    guard let content = try parser.statement(name) else {
                        throw parser.unexpected()
                    }
                    nodes.append(TemplateNode(line: line, content: content))
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

    /// Parses a body to its end, `name`, and the rest of that tag.
    private mutating func block(endingWith name: String) throws -> [TemplateNode] {
        try expect(.blockEnd)
        let nodes = try body(until: [name])
        try close(name)
        return nodes
    }

    /// Ends a block opened before: `name`, then the tag's end.
    private mutating func close(_ name: String) throws {
        guard skip(word: name) else { throw unexpected() }
        try expect(.blockEnd)
    }

    /// Parses the statement that starts with the current word; `nil` for an end without a start.
    private mutating func statement(_ name: String) throws -> TemplateNode.Content? {
        if name.hasPrefix("end") || name == "else" || name == "elif" { return nil }
        guard Self.statements.contains(name) else {
            throw TemplateLexer.failure("uses the statement '\(name)', which is not supported")
        }
        advance()
        switch name {
        case "if": return try branch()
        case "for": return .loop(try loop())
        case "set": return try set()
        case "macro": return .macro(try macro())
        case "call": return try callBlock()
        case "filter": return .filterBlock(try filters(), try block(endingWith: "endfilter"))
        case "with": return try with()
        case "print":
            let line = self.line
            var outputs: [TemplateNode] = []
            repeat {
                outputs.append(TemplateNode(line: line, content: .output(try expression())))
            } while skip(sign: ",")
            try expect(.blockEnd)
            return .with([], outputs)
        case "generation":
            // Marks what the assistant said, for training masks; the text is as without it.
            return .with([], try block(endingWith: "endgeneration"))
        default:
            try expect(.blockEnd)
            guard loops > 0 else { throw TemplateLexer.failure("has '\(name)' outside a loop") }
            return name == "break" ? .breakLoop : .continueLoop
        }
    }

    private static let statements: Set<String> = [
        "if", "for", "set", "macro", "call", "filter", "with", "print", "generation", "break",
        "continue",
    ]

    private mutating func branch() throws -> TemplateNode.Content {
        var branches: [TemplateNode.Branch] = []
        var otherwise: [TemplateNode] = []
        repeat {
            let line = self.line
            let condition = try expressionOrTuple(allowsCondition: false)
            try expect(.blockEnd)
            let body = try body(until: ["elif", "else", "endif"])
            branches.append(TemplateNode.Branch(line: line, condition: condition, body: body))
            startStatement()
        } while skip(word: "elif")
        if skip(word: "else") {
            try expect(.blockEnd)
            otherwise = try body(until: ["endif"])
        }
        try close("endif")
        return .branch(branches, otherwise: otherwise)
    }

    private mutating func loop() throws -> TemplateLoop {
        let target = try self.target(allowsFields: false)
        guard skip(word: "in") else { throw unexpected() }
        let items = try expressionOrTuple(allowsCondition: false)
        let condition = skip(word: "if") ? try expression() : nil
        let isRecursive = skip(word: "recursive")
        try expect(.blockEnd)
        loops += 1
        let nodes = try body(until: ["else", "endfor"])
        loops -= 1
        var otherwise: [TemplateNode] = []
        if skip(word: "else") {
            try expect(.blockEnd)
            otherwise = try body(until: ["endfor"])
        }
        try close("endfor")
        return TemplateLoop(
            target: target,
            items: items,
            condition: condition,
            isRecursive: isRecursive,
            body: nodes,
            otherwise: otherwise
        )
    }

    /// Reads `a`, `a.b`, `a, b` or `(a, (b, c))`.
    private mutating func target(allowsFields: Bool = true) throws -> TemplateTarget {
        let first = try oneTarget(allowsFields)
        guard current == .sign(",") else { return first }
        var targets = [first]
        while skip(sign: ",") {
            if current == .name("in") || current == .sign("=") || current == .sign(")") { break }
            targets.append(try oneTarget(allowsFields))
        }
        return .tuple(targets)
    }

    private mutating func oneTarget(_ allowsFields: Bool) throws -> TemplateTarget {
        if skip(sign: "(") {
            let target = try nested { try $0.target(allowsFields: allowsFields) }
            try expect(.sign(")"))
            return target
        }
        let name = try expectName()
        guard allowsFields, skip(sign: ".") else { return .name(name) }
        return .field(name, try expectName())
    }

    private mutating func set() throws -> TemplateNode.Content {
        let target = try self.target()
        if skip(sign: "=") {
            let value = try expressionOrTuple()
            try expect(.blockEnd)
            return .set(target, value)
        }
        let filters = skip(sign: "|") ? try self.filters() : []
        return .setBlock(target, filters, try block(endingWith: "endset"))
    }

    private mutating func filters() throws -> [TemplateFilter] {
        var filters = [try filter()]
        while skip(sign: "|") { filters.append(try filter()) }
        return filters
    }

    private mutating func with() throws -> TemplateNode.Content {
        var values: [(target: TemplateTarget, value: TemplateExpression)] = []
        while current != .blockEnd {
            if !values.isEmpty { try expect(.sign(",")) }
            let target = try oneTarget(false)
            try expect(.sign("="))
            values.append((target, try expression()))
        }
        return .with(values, try block(endingWith: "endwith"))
    }

    // MARK: Macros

    private mutating func macro() throws -> TemplateMacro {
        let name = try expectName()
        try expect(.sign("("))
        return try macro(name, parameters: try parameters(), end: "endmacro")
    }

    private mutating func callBlock() throws -> TemplateNode.Content {
        let parameters = skip(sign: "(") ? try self.parameters() : []
        let call = try expression()
        guard case .call = call else {
            throw TemplateLexer.failure("has a 'call' block without a call")
        }
        return .callBlock(call, try macro("caller", parameters: parameters, end: "endcall"))
    }

    private mutating func macro(
        _ name: String,
        parameters: [(name: String, standard: TemplateExpression?)],
        end: String
    ) throws -> TemplateMacro {
        let start = position
        let outer = loops
        loops = 0
        let nodes = try block(endingWith: end)
        loops = outer
        let extras = ["varargs", "kwargs", "caller"].filter { speaks(of: $0, since: start) }
        return TemplateMacro(
            name: name,
            parameters: parameters,
            body: nodes,
            extras: Set(extras).subtracting(parameters.map(\.name))
        )
    }

    private mutating func parameters() throws -> [(name: String, standard: TemplateExpression?)] {
        var parameters: [(name: String, standard: TemplateExpression?)] = []
        while !skip(sign: ")") {
            let parameter = try expectName()
            let standard = skip(sign: "=") ? try expression() : nil
            if standard == nil, parameters.last?.standard != nil {
                throw TemplateLexer.failure("has a parameter without a default after one with it")
            }
            parameters.append((parameter, standard))
            if current != .sign(")") { try expect(.sign(",")) }
        }
        return parameters
    }
}
