/// Expressions, each function one level of Jinja's precedence, loosest first.
extension TemplateParser {
    mutating func expression() throws -> TemplateExpression {
        try nested { parser in
            var value = try parser.or()
            while parser.skip(word: "if") {
                try parser.link()
                let condition = try parser.or()
                let otherwise = parser.skip(word: "else") ? try parser.expression() : nil
                value = .conditional(value, condition: condition, otherwise)
            }
            return value
        }
    }

    /// An expression, or several with commas: a tuple.
    ///
    /// What a `for` loops over has no condition: the `if` after it is the loop's own.
    mutating func expressionOrTuple(
        allowsCondition: Bool = true
    ) throws -> TemplateExpression {
        let first = try allowsCondition ? expression() : or()
        guard current == .sign(",") else { return first }
        var items = [first]
        while skip(sign: ",") {
            guard current != .blockEnd, current != .outputEnd else { break }
            try link()
            items.append(try allowsCondition ? expression() : or())
        }
        return .tuple(items)
    }

    private mutating func or() throws -> TemplateExpression {
        var left = try and()
        while skip(word: "or") {
            try link()
            left = .or(left, try and())
        }
        return left
    }

    private mutating func and() throws -> TemplateExpression {
        var left = try not()
        while skip(word: "and") {
            try link()
            left = .and(left, try not())
        }
        return left
    }

    private mutating func not() throws -> TemplateExpression {
        guard skip(word: "not") else { return try comparison() }
        return .not(try nested { try $0.not() })
    }

    private mutating func comparison() throws -> TemplateExpression {
        let left = try sum()
        var rest: [(operation: String, value: TemplateExpression)] = []
        while let operation = comparisonSign() {
            try link()
            rest.append((operation, try sum()))
        }
        return rest.isEmpty ? left : .comparison(left, rest)
    }

    private mutating func comparisonSign() -> String? {
        switch current {
        case .sign(let sign) where ["==", "!=", "<", ">", "<=", ">="].contains(sign):
            advance()
            return sign
        case .name("in"):
            advance()
            return "in"
        case .name("not") where next == .name("in"):
            advance()
            advance()
            return "not in"
        default: return nil
        }
    }

    private mutating func sum() throws -> TemplateExpression {
        try chain(["+", "-"]) { try $0.concatenation() }
    }

    private mutating func concatenation() throws -> TemplateExpression {
        try chain(["~"]) { try $0.product() }
    }

    private mutating func product() throws -> TemplateExpression {
        try chain(["*", "/", "//", "%"]) { try $0.power() }
    }

    private mutating func power() throws -> TemplateExpression {
        try chain(["**"]) { try $0.unary() }
    }

    private mutating func chain(
        _ signs: Set<String>,
        _ operand: (inout Self) throws -> TemplateExpression
    ) throws -> TemplateExpression {
        var left = try operand(&self)
        while case .sign(let sign) = current, signs.contains(sign) {
            try link()
            advance()
            left = .arithmetic(left, sign, try operand(&self))
        }
        return left
    }

    private mutating func unary() throws -> TemplateExpression {
        try filters(on: try signed())
    }

    private mutating func signed() throws -> TemplateExpression {
        try nested { parser in
            if parser.skip(sign: "-") { return .negative(try parser.signed()) }
            if parser.skip(sign: "+") { return .positive(try parser.signed()) }
            let value = try parser.primary()
            return try parser.postfix(on: value)
        }
    }

    // MARK: Values

    private mutating func primary() throws -> TemplateExpression {
        let token = current
        switch token {
        case .string(var text):
            advance()
            // Neighbouring literals are one, as in Python.
            while case .string(let more) = current {
                text += more
                advance()
            }
            return .string(text)
        case .integer(let value):
            advance()
            return .integer(value)
        case .number(let value):
            advance()
            return .number(value)
        case .name(let name):
            advance()
            return Self.constant(name) ?? .name(name)
        case .sign("("): return try parenthesised()
        case .sign("["):
            advance()
            return .list(try items(until: "]"))
        case .sign("{"): return try dictionary()
        default: throw unexpected()
        }
    }

    private static func constant(_ name: String) -> TemplateExpression? {
        switch name {
        case "true", "True": .bool(true)
        case "false", "False": .bool(false)
        case "none", "None": TemplateExpression.none
        default: nil
        }
    }

    private mutating func parenthesised() throws -> TemplateExpression {
        advance()
        if skip(sign: ")") { return .tuple([]) }
        let first = try expression()
        if skip(sign: ")") { return first }
        try expect(.sign(","))
        return .tuple([first] + (try items(until: ")")))
    }

    private mutating func items(until end: String) throws -> [TemplateExpression] {
        var items: [TemplateExpression] = []
        while !skip(sign: end) {
            items.append(try expression())
            if current != .sign(end) { try expect(.sign(",")) }
        }
        return items
    }

    private mutating func dictionary() throws -> TemplateExpression {
        advance()
        var entries: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !skip(sign: "}") {
            let key = try expression()
            try expect(.sign(":"))
            entries.append((key, try expression()))
            if current != .sign("}") { try expect(.sign(",")) }
        }
        return .dictionary(entries)
    }

    // MARK: What follows a value

    private mutating func postfix(on start: TemplateExpression) throws -> TemplateExpression {
        var value = start
        while true {
            try link()
            if skip(sign: ".") {
                if case .integer(let index) = current {
                    advance()
                    value = .element(value, .integer(index))
                } else {
                    value = .attribute(value, try expectName())
                }
            } else if skip(sign: "[") {
                value = try element(of: value)
            } else if skip(sign: "(") {
                value = .call(value, try arguments())
            } else {
                return value
            }
        }
    }

    private mutating func element(of value: TemplateExpression) throws -> TemplateExpression {
        var parts: [TemplateExpression?] = []
        var isSlice = false
        repeat {
            if current == .sign(":") || current == .sign("]") {
                parts.append(nil)
            } else {
                parts.append(try expression())
            }
            isSlice = isSlice || current == .sign(":")
        } while skip(sign: ":")
        try expect(.sign("]"))
        if isSlice, parts.count <= 3 { return .slice(value, parts) }
        guard parts.count == 1, let index = parts[0] else { throw unexpected() }
        return .element(value, index)
    }

    private mutating func arguments() throws -> [TemplateArgument] {
        var arguments: [TemplateArgument] = []
        while !skip(sign: ")") {
            let kind = argumentKind()
            if kind == .positional, arguments.contains(where: { $0.kind != .positional }) {
                throw TemplateLexer.failure("has an argument by place after others")
            }
            arguments.append(TemplateArgument(kind: kind, value: try expression()))
            if current != .sign(")") { try expect(.sign(",")) }
        }
        return arguments
    }

    private mutating func argumentKind() -> TemplateArgument.Kind {
        if skip(sign: "*") { return .items }
        if skip(sign: "**") { return .fields }
        guard case .name(let name) = current, next == .sign("=") else { return .positional }
        advance()
        advance()
        return .named(name)
    }

    private mutating func filters(on start: TemplateExpression) throws -> TemplateExpression {
        var value = start
        while true {
            try link()
            if skip(sign: "|") {
                let filter = try self.filter()
                value = .filter(value, filter.name, filter.arguments)
            } else if skip(word: "is") {
                value = try test(on: value)
            } else if skip(sign: "(") {
                value = .call(value, try arguments())
            } else {
                return value
            }
        }
    }

    /// A filter's name and its arguments.
    mutating func filter() throws -> TemplateFilter {
        let name = try expectName()
        return TemplateFilter(name: name, arguments: skip(sign: "(") ? try arguments() : [])
    }

    private mutating func test(on value: TemplateExpression) throws -> TemplateExpression {
        let isNegated = skip(word: "not")
        let name = try expectName()
        var arguments: [TemplateArgument] = []
        if skip(sign: "(") {
            arguments = try self.arguments()
        } else if startsTestArgument {
            let operand = try nested { try $0.primary() }
            arguments = [TemplateArgument(kind: .positional, value: try postfix(on: operand))]
        }
        return .test(value, name, arguments, isNegated: isNegated)
    }

    /// `x is divisibleby 3`: an argument without brackets.
    private var startsTestArgument: Bool {
        switch current {
        case .string, .integer, .number, .sign("["), .sign("{"): true
        case .name(let name): !["else", "or", "and", "is", "if", "not", "in"].contains(name)
        default: false
        }
    }
}
