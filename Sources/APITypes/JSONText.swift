public import Domain
public import Foundation

/// JSON text to values and back.
///
/// Nothing else in the project reads or writes public JSON.
///
/// Names are snake_case in the text and camelCase in Swift; numbers that are not finite are
/// written as null inside a `Value` and refused inside a typed object, never spelled out.
public enum JSONText {
    /// Reads a value.
    ///
    /// - Parameters:
    ///   - text: UTF-8, one value and nothing after it.
    ///   - source: what the text is, for the message: `the request body`, a file's path.
    /// - Returns: the value, with names as they are spelled in the text.
    /// - Throws: `invalid_request` with the line and column where the text stops being JSON.
    public static func value(_ text: Data, source: String) throws(HoneError) -> Value {
        do throws(JSONParser.Failure) {
            return try JSONParser.parse([UInt8](text))
        } catch {
            throw HoneError(
                .invalidRequest,
                "\(source) is not valid JSON: line \(error.line), column \(error.column): "
                    + error.message
            )
        }
    }

    /// Reads a typed object.
    public static func decode<Object: Decodable>(
        _ type: Object.Type,
        _ text: Data,
        source: String
    ) throws(HoneError) -> Object {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: text)
        } catch {
            throw HoneError(.invalidRequest, "\(source) \(describe(error))", param: nil)
        }
    }

    /// Writes a value; fields are in alphabetical order, so equal values give equal bytes.
    public static func data(_ value: Value, pretty: Bool = false) -> Data {
        // A finite value always encodes: the fallback is unreachable and still valid JSON.
        (try? encoder(pretty: pretty).encode(value.finite)) ?? Data("null".utf8)
    }

    /// Writes a value as text.
    public static func text(_ value: Value, pretty: Bool = false) -> String {
        String(decoding: data(value, pretty: pretty), as: UTF8.self)
    }

    /// Writes a typed object.
    ///
    /// - Throws: `not_a_number` when a field holds a number that is not finite.
    public static func encode(
        _ object: some Encodable,
        pretty: Bool = false
    ) throws(HoneError) -> Data {
        do {
            return try encoder(pretty: pretty).encode(object)
        } catch {
            throw HoneError(.notANumber, "cannot be written as JSON: \(error)")
        }
    }

    /// A typed object as a value.
    public static func value(of object: some Encodable) throws(HoneError) -> Value {
        try value(encode(object), source: "an object of our own")
    }

    private static func encoder(pretty: Bool) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return encoder
    }
}

extension Value {
    /// The same value with null in place of numbers that JSON cannot spell.
    var finite: Value {
        switch self {
        case .number(let number) where !number.isFinite: .null
        case .array(let elements): .array(elements.map(\.finite))
        case .object(let fields): .object(fields.mapValues(\.finite))
        default: self
        }
    }
}

/// A decoding error in words, with the place.
private func describe(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "is not valid JSON: \(error)" }
    switch error {
    case .dataCorrupted(let context):
        return "is not valid JSON at \(path(context)): \(context.debugDescription)"
    case .keyNotFound(let key, let context):
        return "lacks the field \(path(context)).\(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
        return "is wrong at \(path(context)): \(context.debugDescription)"
    @unknown default:
        return "is not valid JSON: \(error)"
    }
}

private func path(_ context: DecodingError.Context) -> String {
    context.codingPath.reduce("$") { path, key in
        key.intValue.map { "\(path)[\($0)]" } ?? "\(path).\(key.stringValue)"
    }
}
