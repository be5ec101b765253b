/// Validated parameters: every described name is present, with a value of its kind and range.
public struct ParameterValues: Sendable, Hashable {
    /// The complete set, defaults filled in.
    ///
    /// A required parameter that is optional by `null` is absent.
    public private(set) var values: [String: Value] = [:]

    /// Checks `value` (an object) against `descriptions`, filling in defaults.
    ///
    /// - Parameters:
    ///   - value: the object as the user wrote it.
    ///   - descriptions: the parameters that are known; any other field is a fault.
    ///   - path: the JSON path of `value`, with which the paths of faults begin.
    ///   - ignoring: field names that belong to the surrounding object (`name`).
    /// - Throws: all faults at once, with paths below `path`.
    public init(
        _ value: Value,
        describedBy descriptions: [ParameterDescription],
        path: String,
        ignoring: Set<String> = []
    ) throws(Faults) {
        var reader = FieldReader(value, path: path)
        for name in ignoring { _ = reader.value(name) }
        for description in descriptions {
            if let given = reader.value(description.name) {
                if let fault = Self.problem(given, description) {
                    reader.fault(description.name, fault)
                }
                values[description.name] = given
            } else if let fallback = description.defaultValue {
                if fallback != .null { values[description.name] = fallback }
            } else {
                reader.fault(description.name, "is required: \(description.meaning)")
            }
        }
        try reader.finish()
    }

    /// The number `name`; a programmer error if it was never described as one.
    public func number(_ name: String) -> Double {
        guard let value = values[name]?.doubleValue else {
            preconditionFailure("no number \(name)")
        }
        return value
    }

    /// The number `name` when it was given or has a default.
    public func optionalNumber(_ name: String) -> Double? { values[name]?.doubleValue }

    /// The whole number `name`.
    public func integer(_ name: String) -> Int {
        guard let value = values[name]?.integerValue else {
            preconditionFailure("no integer \(name)")
        }
        return value
    }

    /// The truth value `name`.
    public func bool(_ name: String) -> Bool {
        guard let value = values[name]?.boolValue else { preconditionFailure("no boolean \(name)") }
        return value
    }

    /// The text `name`.
    public func string(_ name: String) -> String {
        guard let value = values[name]?.stringValue else {
            preconditionFailure("no string \(name)")
        }
        return value
    }

    /// The list of numbers `name`; empty when absent.
    public func numbers(_ name: String) -> [Double] {
        values[name]?.arrayValue?.compactMap(\.doubleValue) ?? []
    }

    private static func problem(_ value: Value, _ description: ParameterDescription) -> String? {
        switch description.kind {
        case .number(let range):
            guard let number = value.doubleValue else {
                return "must be a number, not \(value.kindName)"
            }
            return range.contains(number) ? nil : "must be \(range), not \(number)"
        case .integer(let range):
            guard let number = value.integerValue else {
                return "must be a whole number, not \(value.kindName)"
            }
            return range.contains(number)
                ? nil : "must be from \(range.lowerBound) to \(range.upperBound), not \(number)"
        case .bool:
            return value.boolValue == nil ? "must be true or false, not \(value.kindName)" : nil
        case .string:
            return value.stringValue == nil ? "must be a string, not \(value.kindName)" : nil
        case .choice(let words):
            guard let word = value.stringValue else {
                return "must be a string, not \(value.kindName)"
            }
            if words.contains(word) { return nil }
            let hint = NameHint.meant(word, among: words)
            return "must be one of \(words.joined(separator: ", ")), not \"\(word)\"\(hint)"
        case .numbers(let range):
            guard let list = value.arrayValue else {
                return "must be a list of numbers, not \(value.kindName)"
            }
            for (index, element) in list.enumerated() {
                guard let number = element.doubleValue else {
                    return "element \(index) must be a number, not \(element.kindName)"
                }
                if !range.contains(number) {
                    return "element \(index) must be \(range), not \(number)"
                }
            }
            return nil
        case .nested:
            return nil
        }
    }
}
