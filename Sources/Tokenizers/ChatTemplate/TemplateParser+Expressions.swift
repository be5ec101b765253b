/// Expressions, each function one level of Jinja's precedence, loosest first.
extension TemplateParser {
    mutating func expression() throws -> TemplateExpression {
        try nested { parser in
            let value = try parser.or()
            guard parser.skip(word: "if") else { return value }
            let condition = try parser.or()
            let otherwise = parser.skip(word: "else") ? try parser.expression() : nil
            return .conditional(value, condition: condition, otherwise)
        }
    }

    /// What a `for` loops over, whose `if` is the loop's own.
    mutating func expressionWithoutCondition() throws -> TemplateExpression { try or() }

    /// An expression, or several with commas: a list.
    mutating func expressionOrTuple() throws -> TemplateExpression {
        let first = try expression()
        guard current == .sign(",") else { return first }
        var items = [first]
        while skip(sign: ",") { items.append(try expression()) }
        return .list(items)
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
        while let operation = comparisonSign() { rest.append((operation, try sum())) }
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
            if parser.skip(sign: "+") { return try parser.signed() }
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
        if skip(sign: ")") { return .list([]) }
        let first = try expression()
        if skip(sign: ")") { return first }
        try expect(.sign(","))
        return .list([first] + (try items(until: ")")))
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
            if case .name(let name) = current, next == .sign("=") {
                advance()
                advance()
                arguments.append(TemplateArgument(name: name, value: try expression()))
            } else {
                arguments.append(TemplateArgument(name: nil, value: try expression()))
            }
            if current != .sign(")") { try expect(.sign(",")) }
        }
        return arguments
    }

    private mutating func filters(on start: TemplateExpression) throws -> TemplateExpression {
        var value = start
        while true {
            try link()
            if skip(sign: "|") {
                let name = try expectName()
                value = .filter(value, name, skip(sign: "(") ? try arguments() : [])
            } else if skip(word: "is") {
                value = try test(on: value)
            } else {
                return value
            }
        }
    }

    private mutating func test(on value: TemplateExpression) throws -> TemplateExpression {
        let isNegated = skip(word: "not")
        let name = try expectName()
        var arguments: [TemplateArgument] = []
        if skip(sign: "(") {
            arguments = try self.arguments()
        } else if startsTestArgument {
            let operand = try primary()
            arguments = [TemplateArgument(name: nil, value: try postfix(on: operand))]
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
