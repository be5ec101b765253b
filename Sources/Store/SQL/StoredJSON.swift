import Domain
import Foundation

/// Structured columns (specs, metrics, prompts) are JSON text of this module's own making.
enum StoredJSON {
    static func encode(_ content: some Encodable) throws(HoneError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        do {
            return String(decoding: try encoder.encode(content), as: UTF8.self)
        } catch {
            throw HoneError(.internalError, "cannot store a value: \(error)")
        }
    }

    static func decode<Content: Decodable>(_ text: String) throws(HoneError) -> Content {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        do {
            return try decoder.decode(Content.self, from: Data(text.utf8))
        } catch {
            throw HoneError(
                .invalidData,
                "the store holds a \(Content.self) that this version cannot read: \(error)"
            )
        }
    }
}
