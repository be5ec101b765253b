extension TemplateInterpreter {
    mutating func evaluate(_ expression: TemplateExpression) throws -> TemplateValue {
        try budget.spend(1)
        try enter()
        defer { leave() }
        switch expression {
        case .none: return .none
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let value): return .string(value)
        case .name(let name):
            if let value = variable(name) { return value }
            return Self.builtInNames.contains(name) ? .function(name) : .undefined(name)
        case .list(let items):
            return .items(try items.map { try contained(try evaluate($0)) })
        case .tuple(let items):
            return .tuple(try items.map { try contained(try evaluate($0)) })
        case .dictionary(let entries): return try dictionary(entries)
        case .attribute(let base, let name): return try field(name, of: try evaluate(base))
        case .element(let base, let index):
            return try element(try evaluate(index), of: try evaluate(base))
        case .slice(let base, let parts): return try slice(try evaluate(base), parts)
        case .call(let function, let arguments): return try call(function, arguments)
        case .filter(let base, let name, let arguments):
            return try filter(name, try evaluate(base), try evaluate(arguments))
        case .test(let base, let name, let arguments, let isNegated):
            let holds = try test(name, try evaluate(base), try evaluate(arguments))
            return .bool(holds != isNegated)
        default: return try evaluateOperation(expression)
        }
    }

    private mutating func evaluateOperation(
        _ expression: TemplateExpression
    ) throws -> TemplateValue {
        switch expression {
        case .negative(let operand):
            let value = try evaluate(operand)
            if case .number(let number) = value { return .number(-number) }
            return try arithmetic(.integer(0), "-", value)
        case .positive(let operand):
            return try arithmetic(try evaluate(operand), "+", .integer(0))
        case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .arithmetic(let left, let sign, let right):
            return try arithmetic(try evaluate(left), sign, try evaluate(right))
        case .comparison(let first, let rest):
            var left = try evaluate(first)
            for (operation, expression) in rest {
                let right = try evaluate(expression)
                guard try compare(left, operation, right) else { return .bool(false) }
                left = right
            }
            return .bool(true)
        case .conditional(let value, let condition, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(value) }
            return try otherwise.map { try evaluate($0) } ?? .undefined("an 'if' without 'else'")
        default: throw TemplateLexer.failure("holds an expression that cannot be run")
        }
    }

    private mutating func dictionary(
        _ entries: [(key: TemplateExpression, value: TemplateExpression)]
    ) throws -> TemplateValue {
        var dictionary = TemplateDictionary()
        for (key, value) in entries {
            guard let name = try evaluate(key).string else {
                throw TemplateLexer.failure("has a dictionary with keys that are not strings")
            }
            dictionary.set(name, try contained(try evaluate(value)))
        }
        return .dictionary(dictionary)
    }

    // MARK: Parts of values

    /// The value of `value.name`: a method before a field, as in Python.
    func field(_ name: String, of value: TemplateValue) throws -> TemplateValue {
        if case .undefined(let base) = value {
            throw TemplateLexer.failure("reads '\(name)' of '\(base)', which is undefined")
        }
        if let method = method(name, of: value) { return method }
        switch value {
        case .dictionary(let dictionary):
            try budget.spend(dictionary.entries.count / 8)
            return dictionary[name] ?? .undefined(name)
        case .namespace(let namespace): return namespace.fields[name] ?? .undefined(name)
        case .loop(let state): return state.field(name) ?? .undefined(name)
        case .cycle(let cycle) where name == "current" && !cycle.isJoiner: return cycle.current
        case .macro(let closure) where name == "name": return .string(closure.macro.name)
        case .list(let list):
            return list.names.firstIndex(of: name).map { list.items[$0] } ?? .undefined(name)
        default: return .undefined(name)
        }
    }

    /// The value of `value[index]`: an item before a method.
    func element(_ index: TemplateValue, of value: TemplateValue) throws -> TemplateValue {
        switch (value, index) {
        case (.undefined(let name), _):
            throw TemplateLexer.failure("reads an element of '\(name)', which is undefined")
        case (.dictionary(let dictionary), .string(let name)):
            try budget.spend(dictionary.entries.count / 8)
            if let value = dictionary[name] { return value }
            return try field(name, of: value)
        case (_, .string(let name)): return try field(name, of: value)
        case (.list(let list), _):
            guard let place = index.integer else { return .undefined("an element") }
            let position = place < 0 ? place + list.items.count : place
            guard list.items.indices.contains(position) else {
                return .undefined("element \(place)")
            }
            return list.items[position]
        case (.string(let text), _):
            guard let place = index.integer else { return .undefined("an element") }
            try charge(bytes: text.utf8.count)
            let scalars = Array(text.unicodeScalars)
            let position = place < 0 ? place + scalars.count : place
            guard scalars.indices.contains(position) else { return .undefined("element \(place)") }
            return .string(String(scalars[position]))
        default: return .undefined("an element of \(value.kind)")
        }
    }

    /// `value[start:stop:step]`, as Python has it.
    private mutating func slice(
        _ value: TemplateValue,
        _ parts: [TemplateExpression?]
    ) throws -> TemplateValue {
        let bounds = try parts.map { part -> Int? in
            guard let part else { return nil }
            let value = try evaluate(part)
            if case .none = value { return nil }
            guard let bound = value.integer else {
                throw TemplateLexer.failure("slices at \(value.kind)")
            }
            return bound
        }
        let step = (bounds.count > 2 ? bounds[2] : nil) ?? 1
        guard step != 0, step != .min else { throw TemplateLexer.failure("slices by steps of 0") }
        let start = bounds[0]
        let stop = bounds.count > 1 ? bounds[1] : nil
        switch value {
        case .string(let text):
            try charge(bytes: text.utf8.count)
            let scalars = Array(text.unicodeScalars)
            let places = Self.places(scalars.count, start, stop, step)
            return .string(String(String.UnicodeScalarView(places.map { scalars[$0] })))
        case .list(let list):
            try budget.spend(list.items.count)
            let places = Self.places(list.items.count, start, stop, step)
            return .list(TemplateList(places.map { list.items[$0] }, isTuple: list.isTuple))
        default: throw TemplateLexer.failure("slices \(value.kind)")
        }
    }

    private static func places(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> [Int] {
        func clamped(_ bound: Int, _ low: Int, _ high: Int) -> Int {
            let place = bound < 0 ? max(bound, -count - 1) + count : bound
            return min(max(place, low), high)
        }
        if step > 0 {
            let from = start.map { clamped($0, 0, count) } ?? 0
            let to = stop.map { clamped($0, 0, count) } ?? count
            return Array(Swift.stride(from: from, to: to, by: min(step, count + 1)))
        }
        let from = start.map { clamped($0, -1, count - 1) } ?? count - 1
        let to = stop.map { clamped($0, -1, count - 1) } ?? -1
        return Array(Swift.stride(from: from, to: to, by: max(step, -count - 1)))
    }
}
