/// Filters over lists.
extension TemplateInterpreter {
    mutating func sequence(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        switch (name, value) {
        case ("reverse", .string(let text)):
            try charge(bytes: text.utf8.count)
            return .string(TemplateStrings.reversed(text))
        case ("first", .generator(let generator)):
            return generator.next() ?? .undefined("the first of nothing")
        case ("last", .generator), ("reverse", .generator), ("dictsort", .generator):
            throw TemplateLexer.failure("applies '\(name)' to \(value.kind)")
        case ("items", .undefined): return .generated([])
        case ("items", .dictionary(let dictionary)):
            return .generated(try items(of: try items(dictionary)))
        case ("items", _), ("dictsort", _):
            guard case .dictionary(let dictionary) = value else {
                throw TemplateLexer.failure("applies '\(name)' to \(value.kind)")
            }
            return try dictionarySorted(dictionary, arguments)
        default: break
        }
        // Jinja's mapping and selecting filters take whatever is false as nothing.
        let takesFalse = name == "map" || name.hasPrefix("select") || name.hasPrefix("reject")
        let items = takesFalse && !value.isTrue ? [] : try items(of: value)
        try budget.spend(items.count)
        switch name {
        case "first": return items.first ?? .undefined("the first of nothing")
        case "last": return items.last ?? .undefined("the last of nothing")
        case "list": return .items(items)
        case "reverse": return .generated(items.reversed())
        case "map": return .generated(try map(items, arguments))
        case "select", "reject", "selectattr", "rejectattr":
            return .generated(try select(name, items, arguments))
        case "batch": return .generated(try batches(items, arguments))
        case "slice": return .generated(try slices(items, arguments))
        case "sum": return try sum(items, arguments)
        default: return try ordered(name, items, arguments)
        }
    }

    private func sum(
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let start = arguments.value(1, "start") ?? .integer(0)
        let attribute = arguments.value(0, "attribute")
        guard start.string == nil else {
            throw TemplateLexer.failure("sums strings; 'join' puts them together")
        }
        return try items.reduce(start) { sum, item in
            let term = try attribute.map { $0.isGiven ? try part($0, of: item) : item } ?? item
            return try arithmetic(sum, "+", term)
        }
    }

    private mutating func map(
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> [TemplateValue] {
        if arguments.positional.isEmpty,
            let attribute = arguments.named.first(where: { $0.name == "attribute" })?.value
        {
            let standard = arguments.named.first { $0.name == "default" }?.value
            if let other = arguments.named.first(where: {
                $0.name != "attribute" && $0.name != "default"
            }) {
                throw TemplateLexer.failure(
                    "gives 'map' the argument '\(other.name)' it cannot take"
                )
            }
            return try items.map { item in
                let found = try part(attribute, of: item)
                if case .undefined = found, let standard { return standard }
                return found
            }
        }
        guard let name = arguments.positional.first?.string else {
            throw TemplateLexer.failure("maps by neither a filter nor an attribute")
        }
        return try items.map { try filter(name, $0, arguments.dropping(1)) }
    }

    private func select(
        _ name: String,
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> [TemplateValue] {
        let usesAttribute = name.hasSuffix("attr")
        let wanted = name.hasPrefix("select")
        let attribute = usesAttribute ? arguments.positional.first : nil
        guard usesAttribute == (attribute != nil) else {
            throw TemplateLexer.failure("applies '\(name)' without an attribute")
        }
        let rest = arguments.dropping(usesAttribute ? 1 : 0)
        let test = try rest.positional.first.map { try text(of: $0) }
        return try items.filter { item in
            let value = try attribute.map { try part($0, of: item) } ?? item
            let holds = try test.map { try self.test($0, value, rest.dropping(1)) } ?? value.isTrue
            return holds == wanted
        }
    }

    // MARK: Order

    private func ordered(
        _ name: String,
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        switch name {
        case "sort":
            return .items(
                try sorted(
                    items,
                    by: arguments.value(2, "attribute"),
                    isCaseSensitive: arguments.value(1, "case_sensitive")?.isTrue ?? false,
                    isReversed: arguments.value(0, "reverse")?.isTrue ?? false,
                    isAList: true
                ).map(\.item)
            )
        case "groupby": return try grouped(items, arguments)
        default: break
        }
        let isCaseSensitive = arguments.value(0, "case_sensitive")?.isTrue ?? false
        let attribute = arguments.value(1, "attribute")
        guard name == "unique" else {
            let sorted = try sorted(
                items,
                by: attribute,
                isCaseSensitive: isCaseSensitive,
                isReversed: name == "max"
            )
            return sorted.first?.item ?? .undefined("the \(name) of nothing")
        }
        var keys: [TemplateValue] = []
        var found: [TemplateValue] = []
        for item in items {
            let key = try key(item, attribute, isCaseSensitive)
            guard !(try contains(.items(keys), key)) else { continue }
            keys.append(key)
            found.append(item)
        }
        return .generated(found)
    }

    private func key(
        _ item: TemplateValue,
        _ attribute: TemplateValue?,
        _ isCaseSensitive: Bool
    ) throws -> TemplateValue {
        var key = item
        if let attribute, attribute.isGiven { key = try part(attribute, of: item) }
        guard !isCaseSensitive, let text = key.string else { return key }
        return .string(text.lowercased())
    }

    /// The items in order of their keys; equal ones stay as they were, also in reverse.
    ///
    /// Where a key is a list, it is of the parts that several paths with commas between them name.
    private func sorted(
        _ items: [TemplateValue],
        by attribute: TemplateValue?,
        isCaseSensitive: Bool,
        isReversed: Bool = false,
        isAList: Bool = false
    ) throws -> [(key: TemplateValue, item: TemplateValue)] {
        let paths = try attribute.map { value -> [TemplateValue] in
            guard isAList, value.isGiven, value.integer == nil else { return [value] }
            return TemplateStrings.split(try text(of: value), by: ",", limit: 16).map {
                .string($0)
            }
        }
        let keyed = try items.enumerated().map { place, item in
            let keys = try (paths ?? [.none]).map { try key(item, $0, isCaseSensitive) }
            // As a list, keys that are equal are never compared further, whatever they are.
            return (place: place, key: isAList ? TemplateValue.tuple(keys) : keys[0], item: item)
        }
        return try keyed.sorted { first, second in
            let (low, high) = isReversed ? (second, first) : (first, second)
            if try isLess(low.key, high.key) { return true }
            return try !isLess(high.key, low.key) && first.place < second.place
        }.map { ($0.key, $0.item) }
    }

    private func grouped(
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        guard let attribute = arguments.value(0, "attribute") else {
            throw TemplateLexer.failure("groups by nothing")
        }
        let isCaseSensitive = arguments.value(2, "case_sensitive")?.isTrue ?? false
        let standard = arguments.value(1, "default")
        func name(_ item: TemplateValue) throws -> TemplateValue {
            let name = try part(attribute, of: item)
            if case .undefined = name, let standard { return standard }
            return name
        }
        let named = try items.map {
            TemplateValue.tuple([try contained(try name($0)), try contained($0)])
        }
        let sorted = try sorted(named, by: .integer(0), isCaseSensitive: isCaseSensitive)
        var groups: [(key: TemplateValue, items: [TemplateValue])] = []
        for (key, pair) in sorted {
            let item = try element(.integer(1), of: pair)
            if let last = groups.last, try equals(last.key, key) {
                groups[groups.count - 1].items.append(item)
            } else {
                groups.append((key, [item]))
            }
        }
        return .items(
            try groups.map { group in
                let members = try contained(.items(group.items))
                let name = isCaseSensitive ? group.key : try name(group.items[0])
                return .list(
                    TemplateList([name, members], isTuple: true, names: ["grouper", "list"])
                )
            }
        )
    }

    private func dictionarySorted(
        _ dictionary: TemplateDictionary,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let by = try text(of: arguments.value(1, "by") ?? .string("key"))
        guard by == "key" || by == "value" else {
            throw TemplateLexer.failure("sorts a dictionary by '\(by)'; it can be key or value")
        }
        return .items(
            try sorted(
                try items(of: try items(dictionary)),
                by: .integer(by == "key" ? 0 : 1),
                isCaseSensitive: arguments.value(0, "case_sensitive")?.isTrue ?? false,
                isReversed: arguments.value(2, "reverse")?.isTrue ?? false
            ).map(\.item)
        )
    }

    // MARK: Columns

    private func batches(
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> [TemplateValue] {
        let size = try columns(arguments.value(0, "linecount"), "batch")
        let fill = arguments.value(1, "fill_with")
        let reach = min(size, max(1, items.count))
        return try stride(from: 0, to: items.count, by: reach).map { start in
            var batch = Array(items[start..<min(items.count, start + reach)])
            if let fill, fill.isGiven, batch.count < size {
                try budget.spend(size - batch.count)
                batch += repeatElement(fill, count: size - batch.count)
            }
            return try contained(.items(batch))
        }
    }

    private func slices(
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> [TemplateValue] {
        let count = try columns(arguments.value(0, "slices"), "slice")
        try budget.spend(count)
        let fill = arguments.value(1, "fill_with")
        let (size, longer) = items.count.quotientAndRemainder(dividingBy: count)
        var start = 0
        return try (0..<count).map { index in
            let end = start + size + (index < longer ? 1 : 0)
            defer { start = end }
            var part = Array(items[start..<end])
            if let fill, fill.isGiven, index >= longer { part.append(fill) }
            return try contained(.items(part))
        }
    }

    private func columns(_ value: TemplateValue?, _ filter: String) throws -> Int {
        guard let count = value?.integer, count > 0 else {
            throw TemplateLexer.failure("gives '\(filter)' no positive number of items")
        }
        return count
    }
}
