public import Domain

extension Schema {
    /// The value with every default filled in.
    ///
    /// - Throws: all faults at once, each with its JSON path; unknown fields name the nearest one.
    public func check(_ value: Value, path: String = "$") throws(Faults) -> Value {
        var faults: [Fault] = []
        let checked = check(value, path: path, &faults)
        if !faults.isEmpty { throw Faults(faults) }
        return checked
    }

    /// Checks without throwing; what was wrong is added to `faults`.
    func check(_ value: Value, path: String, _ faults: inout [Fault]) -> Value {
        switch self {
        case .any: return value
        case .named(_, let schema): return schema.check(value, path: path, &faults)
        case .nullable(let schema):
            return value == .null ? .null : schema.check(value, path: path, &faults)
        case .oneOf(let alternatives):
            guard let fitting = alternatives.first(where: { $0.takesKind(of: value) }) else {
                faults.append(mismatch(value, path))
                return value
            }
            return fitting.check(value, path: path, &faults)
        case .list(let element, let count):
            return checkList(value, element, count, path, &faults)
        case .map(let element):
            return checkMap(value, element, path, &faults)
        case .object(let fields):
            return checkObject(value, fields, isOpen: false, path, &faults)
        case .openObject(let fields):
            return checkObject(value, fields, isOpen: true, path, &faults)
        case .bool, .string, .text, .name, .choice, .integer, .number:
            if let problem = problem(with: value) {
                faults.append(Fault(path: path, message: problem))
            }
            return value
        }
    }

    private func checkList(
        _ value: Value,
        _ element: Schema,
        _ count: ClosedRange<Int>,
        _ path: String,
        _ faults: inout [Fault]
    ) -> Value {
        guard let elements = value.arrayValue else {
            faults.append(mismatch(value, path))
            return value
        }
        if !count.contains(elements.count) {
            let bound =
                elements.count < count.lowerBound
                ? "at least \(count.lowerBound)" : "at most \(count.upperBound)"
            let message = "must have \(bound) elements, not \(elements.count)"
            faults.append(Fault(path: path, message: message))
        }
        return .array(
            elements.enumerated().map { index, value in
                element.check(value, path: "\(path)[\(index)]", &faults)
            }
        )
    }

    private func checkMap(
        _ value: Value,
        _ element: Schema,
        _ path: String,
        _ faults: inout [Fault]
    ) -> Value {
        guard var fields = value.objectValue else {
            faults.append(mismatch(value, path))
            return value
        }
        for name in fields.keys.sorted() {
            guard let field = fields[name] else { continue }
            fields[name] = element.check(field, path: "\(path).\(name)", &faults)
        }
        return .object(fields)
    }

    private func checkObject(
        _ value: Value,
        _ descriptions: [FieldDescription],
        isOpen: Bool,
        _ path: String,
        _ faults: inout [Fault]
    ) -> Value {
        guard let given = value.objectValue else {
            faults.append(mismatch(value, path))
            return value
        }
        var result = isOpen ? given : [:]
        for field in descriptions {
            let fieldPath = "\(path).\(field.name)"
            switch (given[field.name] ?? .null, field.presence) {
            case (.null, .required):
                if case .nullable = field.schema, given[field.name] != nil {
                    result[field.name] = .null
                } else {
                    faults.append(Fault(path: fieldPath, message: "is required: \(field.meaning)"))
                }
            case (.null, .optional): result[field.name] = nil
            case (.null, .defaulted(let value)):
                result[field.name] = field.schema.check(value, path: fieldPath, &faults)
            case (let value, _):
                result[field.name] = field.schema.check(value, path: fieldPath, &faults)
            }
        }
        if !isOpen {
            refuseUnknown(given, known: descriptions.map(\.name), path, &faults)
        }
        return .object(result)
    }

    private func refuseUnknown(
        _ given: [String: Value],
        known: [String],
        _ path: String,
        _ faults: inout [Fault]
    ) {
        let known = Set(known)
        for name in given.keys.sorted() where !known.contains(name) {
            let hint = NameHint.meantOrKnown(name, among: known, title: "known fields")
            faults.append(Fault(path: "\(path).\(name)", message: "is not a known field\(hint)"))
        }
    }

    /// What is wrong with a leaf value, `nil` when nothing is.
    private func problem(with value: Value) -> String? {
        switch self {
        case .integer(let range):
            guard let number = value.integerValue else { return "must be \(phrase), \(not(value))" }
            return range.contains(number) ? nil : "must be \(phrase), not \(number)"
        case .number(let range):
            guard let number = value.doubleValue else {
                return "must be a number, \(not(value))"
            }
            return range.contains(number) ? nil : "must be \(range), not \(number)"
        case .choice(let words):
            guard let word = value.stringValue else { return "must be \(phrase), \(not(value))" }
            if words.contains(word) { return nil }
            return "must be \(phrase), not \"\(word)\"\(NameHint.meant(word, among: words))"
        case .text:
            guard let text = value.stringValue else { return "must be \(phrase), \(not(value))" }
            return text.isEmpty ? "must not be empty" : nil
        case .name:
            guard let text = value.stringValue else { return "must be \(phrase), \(not(value))" }
            return Schema.isName(text) ? nil : "must be \(phrase), not \"\(text)\""
        default:
            return takesKind(of: value) ? nil : "must be \(phrase), \(not(value))"
        }
    }

    private func not(_ value: Value) -> String { "not \(value.kindName)" }

    private func mismatch(_ value: Value, _ path: String) -> Fault {
        Fault(path: path, message: "must be \(phrase), not \(value.kindName)")
    }

    /// Whether `text` may name a run or a model.
    public static func isName(_ text: String) -> Bool { ResourceName.problem(text) == nil }
}
