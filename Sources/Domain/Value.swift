// Rounding calls libm, which an executable without Foundation does not link of itself.
import Glibc

/// A format-neutral tree of plain data: what a spec, a parameter set or a message head is made of.
///
/// It knows nothing of JSON text; `APITypes` and the file readers turn text into values.
/// Integers keep their own case so that ids and seeds are not rounded through `Double`.
public indirect enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([Value])
    case object([String: Value])
}

extension Value {
    /// The number in this value, whether it was written as an integer or not.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The whole number in this value; `3.0` counts as 3.
    public var integerValue: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The text in this value.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The truth value in this value.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements of this value when it is a list.
    public var arrayValue: [Value]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The fields of this value when it is an object.
    public var objectValue: [String: Value]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The field `name` of an object; `nil` for other kinds and missing fields.
    public subscript(name: String) -> Value? { objectValue?[name] }

    /// The word for this value's kind in error messages.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension Value: Codable {
    /// Reads any JSON value; whole numbers that fit become `integer`, all others `number`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Double.self) {
            // Numbers first: they are by far the most common leaf of large batches.
            if let whole = try? container.decode(Int.self) {
                self = .integer(whole)
            } else {
                self = .number(value)
            }
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode([Value].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: Value].self))
        }
    }

    /// Writes the value as plain JSON, without a tag for its kind.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Lets a string literal stand for a `string`.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Lets a whole number literal stand for an `integer`.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// Lets a number literal with a fraction stand for a `number`.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Lets `true` and `false` stand for a `bool`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Lets an array literal stand for an `array`.
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    /// Lets a dictionary literal stand for an `object`; of equal keys the last one counts.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
