/// One value of a GGUF file's metadata (ggml's `docs/gguf.md`, "gguf_metadata_value").
public enum GGUFValue: Sendable, Hashable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case float32(Float)
    case bool(Bool)
    case string(String)
    /// All elements are of the one kind, which an empty array has too.
    case array(GGUFValueKind, [GGUFValue])
    case uint64(UInt64)
    case int64(Int64)
    case float64(Double)
}

/// The kinds of `GGUFValue`, by their numbers in the file.
public enum GGUFValueKind: UInt32, Sendable, Hashable, CaseIterable {
    case uint8 = 0
    case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

    /// The least bytes a value of this kind takes in a file.
    var leastByteCount: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string: 8
        case .array: 12
        }
    }
}

extension GGUFValue {
    /// The kind of this value.
    public var kind: GGUFValueKind {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .float32: .float32
        case .bool: .bool
        case .string: .string
        case .array: .array
        case .uint64: .uint64
        case .int64: .int64
        case .float64: .float64
        }
    }

    /// The whole number in this value, whatever its width.
    public var integerValue: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .int8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int64(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number in this value.
    ///
    /// A single is read as the shortest decimal that names it: 1e-5, not 9.999999747378752e-06,
    /// since that is what the converter was given.
    public var doubleValue: Double? {
        switch self {
        case .float32(let value): value.isFinite ? Double(value.description) : Double(value)
        case .float64(let value): value
        default: integerValue.map(Double.init)
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

    /// The elements of this value when it is an array.
    public var arrayValue: [GGUFValue]? {
        if case .array(_, let elements) = self { elements } else { nil }
    }

    /// An array of strings.
    public static func strings(_ values: [String]) -> GGUFValue {
        .array(.string, values.map(GGUFValue.string))
    }
}

/// One named value of the metadata.
public struct GGUFField: Sendable, Hashable {
    /// The dotted name.
    public var key: String
    /// What it is set to.
    public var value: GGUFValue

    /// Makes it from its parts.
    public init(_ key: String, _ value: GGUFValue) {
        self.key = key
        self.value = value
    }
}
