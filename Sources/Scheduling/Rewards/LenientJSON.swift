import Domain
import Foundation

/// Reads JSON as Python writes it: NaN and Infinity where there is no number.
enum LenientJSON {
    /// The value, `NaN` and the infinities as null; `nil` when it is no JSON even so.
    static func value(_ body: [UInt8]) -> Value? {
        if let value = try? JSONDecoder().decode(Value.self, from: Data(body)) { return value }
        return try? JSONDecoder().decode(Value.self, from: Data(withoutNaN(body)))
    }

    /// The text with those words outside strings replaced.
    private static func withoutNaN(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var (isString, isEscaped) = (false, false)
        var place = 0
        let words = ["-Infinity", "Infinity", "NaN"].map { Array($0.utf8) }
        while place < body.count {
            let byte = body[place]
            if !isString, let word = words.first(where: { body[place...].starts(with: $0) }) {
                result += Array("null".utf8)
                place += word.count
                continue
            }
            if isString {
                isString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else {
                isString = byte == UInt8(ascii: "\"")
            }
            result.append(byte)
            place += 1
        }
        return result
    }
}
