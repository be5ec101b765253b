/// Reads the fields of an object value, collecting every fault instead of stopping at the first.
///
/// Each accessor consumes one field. `finish()` adds a fault for each field nobody asked for and
/// throws all faults at once. Child readers share the parent's fault list through `faults`.
public struct FieldReader {
    private let fields: [String: Value]
    private var asked: Set<String> = []
    /// The JSON path of the object being read.
    public let path: String
    /// What was found wrong so far, in reading order.
    public private(set) var faults: [Fault] = []

    /// Starts on `value`, which lies at `path`; anything but an object is the first fault.
    public init(_ value: Value, path: String = "$") {
        self.path = path
        if case .object(let fields) = value {
            self.fields = fields
        } else {
            fields = [:]
            faults.append(Fault(path: path, message: "must be an object, not \(value.kindName)"))
        }
    }

    /// The names present in the object.
    public var names: Dictionary<String, Value>.Keys { fields.keys }

    /// Records a fault at the field `name`.
    public mutating func fault(_ name: String, _ message: String) {
        faults.append(Fault(path: "\(path).\(name)", message: message))
    }

    /// Takes over faults found elsewhere (by a child reader).
    public mutating func add(_ others: [Fault]) { faults += others }

    /// The raw value of `name`, `nil` when absent or null.
    public mutating func value(_ name: String) -> Value? {
        asked.insert(name)
        guard let value = fields[name], value != .null else { return nil }
        return value
    }

    /// The raw value of a field that must be there.
    public mutating func requiredValue(_ name: String) -> Value? {
        let found = value(name)
        if found == nil { fault(name, "is required") }
        return found
    }

    /// A text field.
    public mutating func string(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        if value.stringValue == nil { mismatch(name, "a string", value) }
        return value.stringValue
    }

    /// A text field that must be there and not be empty.
    public mutating func requiredString(_ name: String) -> String {
        guard requiredValue(name) != nil, let text = string(name) else { return "" }
        if text.isEmpty { fault(name, "must not be empty") }
        return text
    }

    /// A boolean field.
    public mutating func bool(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        if value.boolValue == nil { mismatch(name, "true or false", value) }
        return value.boolValue
    }

    /// A whole number within `range`.
    public mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.integerValue else {
            mismatch(name, "a whole number", value)
            return nil
        }
        guard range.contains(number) else {
            fault(name, "must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
            return nil
        }
        return number
    }

    /// A finite number within `range`.
    public mutating func number(_ name: String, in range: NumericRange) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.doubleValue else {
            mismatch(name, "a number", value)
            return nil
        }
        guard range.contains(number) else {
            fault(name, "must be \(range), not \(number)")
            return nil
        }
        return number
    }

    /// One of a fixed set of words.
    public mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Choice.Type = Choice.self
    ) -> Choice? {
        guard let text = string(name) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map { $0.rawValue }
        let hint = NameHint.meant(text, among: known)
        fault(name, "must be one of \(known.joined(separator: ", ")), not \"\(text)\"\(hint)")
        return nil
    }

    /// A list; each element is read by `read` with its own path, and may throw `Faults`.
    public mutating func list<Element>(
        _ name: String,
        _ read: (Value, String) throws(Faults) -> Element
    ) -> [Element]? {
        guard let value = value(name) else { return nil }
        guard let elements = value.arrayValue else {
            mismatch(name, "a list", value)
            return nil
        }
        var result: [Element] = []
        for (index, element) in elements.enumerated() {
            do throws(Faults) {
                result.append(try read(element, "\(path).\(name)[\(index)]"))
            } catch {
                faults += error.list
            }
        }
        return result
    }

    /// A nested object, read by `read`, which may throw `Faults`.
    public mutating func object<Result>(
        _ name: String,
        _ read: (Value, String) throws(Faults) -> Result
    ) -> Result? {
        guard let value = value(name) else { return nil }
        do throws(Faults) {
            return try read(value, "\(path).\(name)")
        } catch {
            faults += error.list
            return nil
        }
    }

    /// Refuses unknown fields, naming the nearest known one, and throws all faults found.
    public mutating func finish() throws(Faults) {
        for name in fields.keys.sorted() where !asked.contains(name) {
            let hint = NameHint.meantOrKnown(name, among: asked, title: "known fields")
            fault(name, "is not a known field\(hint)")
        }
        if !faults.isEmpty { throw Faults(faults) }
    }

    private mutating func mismatch(_ name: String, _ expected: String, _ value: Value) {
        fault(name, "must be \(expected), not \(value.kindName)")
    }
}
