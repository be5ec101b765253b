import Foundation

extension TemplateInterpreter {
    func arithmetic(
        _ left: TemplateValue,
        _ sign: String,
        _ right: TemplateValue
    ) throws -> TemplateValue {
        if sign == "~" { return try joined(try text(of: left), try text(of: right)) }
        switch (left, sign, right) {
        case (.string(let first), "+", .string(let second)): return try joined(first, second)
        case (.string, "*", .bool), (.list, "*", .bool):
            return try arithmetic(left, sign, .integer(right.isTrue ? 1 : 0))
        case (.bool, "*", .string), (.bool, "*", .list): return try arithmetic(right, sign, left)
        case (.string(let text), "*", .integer(let count)),
            (.integer(let count), "*", .string(let text)):
            let (bytes, overflow) = text.utf8.count.multipliedReportingOverflow(by: max(0, count))
            try charge(bytes: overflow ? .max : bytes)
            return .string(String(repeating: text, count: max(0, count)))
        case (.string(let text), "%", _):
            return .string(try TemplateFormat.percent(text, right, self))
        case (.list(let first), "+", .list(let second)) where first.isTuple == second.isTuple:
            try budget.spend(first.items.count + second.items.count)
            return .list(TemplateList(first.items + second.items, isTuple: first.isTuple))
        case (.list(let list), "*", .integer(let count)),
            (.integer(let count), "*", .list(let list)):
            let (size, overflow) = list.items.count.multipliedReportingOverflow(by: max(0, count))
            try budget.spend(overflow ? .max : size)
            let items = (0..<max(0, count)).flatMap { _ in list.items }
            return .list(TemplateList(list.items.isEmpty ? [] : items, isTuple: list.isTuple))
        default: break
        }
        if let first = left.integer, let second = right.integer, sign != "/" {
            return try whole(first, sign, second)
        }
        guard let first = left.number, let second = right.number else {
            throw TemplateLexer.failure("computes \(left.kind) \(sign) \(right.kind)")
        }
        return try fractional(first, sign, second)
    }

    private func joined(_ first: String, _ second: String) throws -> TemplateValue {
        try charge(bytes: first.utf8.count + second.utf8.count)
        return .string(first + second)
    }

    private func whole(_ left: Int, _ sign: String, _ right: Int) throws -> TemplateValue {
        let result: (partialValue: Int, overflow: Bool)
        switch sign {
        case "+": result = left.addingReportingOverflow(right)
        case "-": result = left.subtractingReportingOverflow(right)
        case "*": result = left.multipliedReportingOverflow(by: right)
        case "//", "%":
            guard right != 0 else { throw TemplateLexer.failure("divides by zero") }
            guard right != -1 else { return try whole(0, "-", sign == "%" ? 0 : left) }
            let (quotient, remainder) = left.quotientAndRemainder(dividingBy: right)
            // Python rounds down, so that the remainder has the divisor's sign.
            let isBelow = remainder != 0 && (remainder < 0) != (right < 0)
            return .integer(
                sign == "%" ? remainder + (isBelow ? right : 0) : quotient - (isBelow ? 1 : 0)
            )
        default:
            let power = pow(Double(left), Double(right))
            guard right >= 0, abs(power) < 9e15 else { return .number(power) }
            return .integer(Int(power))
        }
        guard !result.overflow else { throw TemplateLexer.failure("computes too large a number") }
        return .integer(result.partialValue)
    }

    private func fractional(_ left: Double, _ sign: String, _ right: Double) throws -> TemplateValue
    {
        if ["/", "//", "%"].contains(sign), right == 0 {
            throw TemplateLexer.failure("divides by zero")
        }
        switch sign {
        case "+": return .number(left + right)
        case "-": return .number(left - right)
        case "*": return .number(left * right)
        case "/": return .number(left / right)
        case "//": return .number((left / right).rounded(.down))
        case "%": return .number(left - (left / right).rounded(.down) * right)
        default: return .number(pow(left, right))
        }
    }

    // MARK: Comparison

    func compare(
        _ left: TemplateValue,
        _ operation: String,
        _ right: TemplateValue
    ) throws -> Bool {
        switch operation {
        case "==": return try equals(left, right)
        case "!=": return !(try equals(left, right))
        case "in": return try contains(right, left)
        case "not in": return !(try contains(right, left))
        case "<": return try isLess(left, right)
        case ">": return try isLess(right, left)
        case "<=": return !(try isLess(right, left))
        default: return !(try isLess(left, right))
        }
    }

    func equals(_ left: TemplateValue, _ right: TemplateValue) throws -> Bool {
        try budget.spend(1)
        switch (left, right) {
        case (.none, .none), (.undefined, .undefined): return true
        case (.string(let first), .string(let second)):
            return first.utf8.elementsEqual(second.utf8)
        case (.list(let first), .list(let second)):
            guard first.items.count == second.items.count, first.isTuple == second.isTuple else {
                return false
            }
            for (first, second) in zip(first.items, second.items)
            where !(try equals(first, second)) {
                return false
            }
            return true
        case (.dictionary(let first), .dictionary(let second)):
            guard first.entries.count == second.entries.count else { return false }
            for entry in first.entries {
                guard let other = second[entry.key], try equals(entry.value, other) else {
                    return false
                }
            }
            return true
        case (.namespace(let first), .namespace(let second)): return first === second
        default:
            guard let first = left.number, let second = right.number else { return false }
            return first == second
        }
    }

    func isLess(_ left: TemplateValue, _ right: TemplateValue) throws -> Bool {
        try budget.spend(1)
        if let first = left.number, let second = right.number { return first < second }
        switch (left, right) {
        case (.string(let first), .string(let second)):
            return first.utf8.lexicographicallyPrecedes(second.utf8)
        case (.list(let first), .list(let second)) where first.isTuple == second.isTuple:
            for (first, second) in zip(first.items, second.items)
            where !(try equals(first, second)) {
                return try isLess(first, second)
            }
            return first.items.count < second.items.count
        default: throw TemplateLexer.failure("compares \(left.kind) with \(right.kind)")
        }
    }

    func contains(_ container: TemplateValue, _ item: TemplateValue) throws -> Bool {
        switch container {
        case .string(let text):
            guard let part = item.string else {
                throw TemplateLexer.failure("looks for \(item.kind) in a string")
            }
            try charge(bytes: text.utf8.count)
            return TemplateStrings.find(part, in: text) != nil
        case .list(let list):
            for element in list.items where try equals(element, item) { return true }
            return false
        case .dictionary(let dictionary):
            guard let key = item.string else { return false }
            try budget.spend(dictionary.entries.count / 8)
            return dictionary[key] != nil
        case .generator(let generator):
            // What comes before it is gone, as in Python.
            while let element = generator.next() {
                if try equals(element, item) { return true }
            }
            return false
        case .undefined: return false
        default: throw TemplateLexer.failure("looks for something in \(container.kind)")
        }
    }
}
