import Domain
import Foundation

/// A `tokenizer.json` taken apart: the vocabulary and the merges, which are nearly all of it, read
/// byte by byte, and the rest left as JSON of some kilobytes.
///
/// Decoding the whole with `JSONDecoder` takes a tenth of a second at 50,000 tokens, which would be
/// most of the time that a model takes to open.
struct HuggingFaceTokenizerText {
    /// What messages call the file.
    static let name = "tokenizer.json"
    /// The rest is some kilobytes; the tree of a larger one would take many times its size.
    private static let restLimit = 4 << 20

    /// Tokens and their ids, in the file's order.
    private(set) var vocabulary: [(content: String, id: Int)] = []
    /// In order of rank.
    private(set) var merges = MergeTexts()
    /// The file with `null` in the place of both.
    private(set) var rest = Data()

    /// - Throws: `invalidModelFile` naming the field or the byte at fault.
    init(_ file: Data) throws {
        let bytes = Array(file)
        var scanner = JSONScanner(bytes, name: Self.name)
        var found: [String: Range<Int>] = [:]
        guard scanner.next() == UInt8(ascii: "{") else {
            throw TokenizerDefinition.invalid(Self.name, "is no JSON object; fetch the file again")
        }
        try scanner.object { scanner, name in
            guard name.elementsEqual("model".utf8), scanner.next() == UInt8(ascii: "{") else {
                return try scanner.skip()
            }
            try scanner.object { scanner, name in
                guard let table = Table(rawValue: String(decoding: name, as: UTF8.self)) else {
                    return try scanner.skip()
                }
                _ = scanner.next()
                let start = scanner.offset
                try read(table, &scanner)
                guard found.updateValue(start..<scanner.offset, forKey: table.rawValue) == nil
                else { throw TokenizerDefinition.invalid(table.field, "occurs twice") }
            }
        }
        try scanner.end()
        for table in Table.allCases where found[table.rawValue] == nil {
            throw TokenizerDefinition.invalid("\(Self.name) field \(table.field)", "is missing")
        }
        let tableSize = found.values.reduce(0) { $0 + $1.count }
        guard bytes.count - tableSize <= Self.restLimit else {
            throw TokenizerDefinition.invalid(
                Self.name,
                "has \(bytes.count - tableSize) bytes beside vocabulary and merges, more than the "
                    + "\(Self.restLimit) allowed"
            )
        }
        rest = Self.cut(found.values.sorted { $0.lowerBound < $1.lowerBound }, from: bytes)
    }

    private enum Table: String, CaseIterable {
        case vocab, merges

        var field: String { "model.\(rawValue)" }
    }

    private static func cut(_ ranges: [Range<Int>], from bytes: [UInt8]) -> Data {
        var rest = Data()
        var start = 0
        for range in ranges {
            rest.append(contentsOf: bytes[start..<range.lowerBound])
            rest.append(contentsOf: "null".utf8)
            start = range.upperBound
        }
        rest.append(contentsOf: bytes[start...])
        return rest
    }

    private mutating func read(_ table: Table, _ scanner: inout JSONScanner) throws {
        let (opening, kind): (Unicode.Scalar, String) =
            switch table {
            case .vocab: ("{", "an object of tokens and their ids")
            case .merges: ("[", "a list of pairs of tokens")
            }
        guard scanner.next() == UInt8(ascii: opening) else {
            throw TokenizerDefinition.invalid(
                "\(Self.name) field \(table.field)",
                "is of the wrong kind: it must be \(kind)"
            )
        }
        switch table {
        case .vocab: try readVocabulary(&scanner)
        case .merges: try readMerges(&scanner)
        }
    }

    private mutating func readVocabulary(_ scanner: inout JSONScanner) throws {
        try scanner.object { scanner, name in
            guard let content = String(validating: name, as: UTF8.self) else {
                throw TokenizerDefinition.invalid(
                    Table.vocab.field,
                    "holds '\(String(decoding: name, as: UTF8.self))', which is not UTF-8"
                )
            }
            guard let id = scanner.integer() else {
                throw TokenizerDefinition.invalid(
                    Table.vocab.field,
                    "gives '\(content)' an id that is no whole number"
                )
            }
            vocabulary.append((content, id))
        }
    }

    /// Merges are `"a b"` or, since 2024, `["a", "b"]`.
    private mutating func readMerges(_ scanner: inout JSONScanner) throws {
        try scanner.array { scanner in
            var isMerge = false
            switch scanner.next() {
            case UInt8(ascii: "\""):
                isMerge = try merges.append(joined: { try scanner.string(into: &$0) })
            case UInt8(ascii: "["):
                isMerge = try readPair(&scanner)
            default: break
            }
            guard isMerge else {
                throw TokenizerDefinition.invalid(
                    "\(Table.merges.field)[\(merges.count)]",
                    "must be two tokens"
                )
            }
        }
    }

    private mutating func readPair(_ scanner: inout JSONScanner) throws -> Bool {
        var parts: [[UInt8]] = []
        var isText = true
        try scanner.array { scanner in
            guard scanner.next() == UInt8(ascii: "\"") else {
                isText = false
                return try scanner.skip()
            }
            var part: [UInt8] = []
            try scanner.string(into: &part)
            parts.append(part)
        }
        guard isText, parts.count == 2 else { return false }
        merges.append(left: parts[0], right: parts[1])
        return true
    }
}
