import Glibc

/// A `multipart/form-data` body in its parts (RFC 7578, in the framing of RFC 2046 §5.1.1).
public struct MultipartForm: Sendable {
    /// One field of the form.
    public struct Part: Sendable {
        /// The field's name.
        public var name: String
        /// The file's name, for fields that are files.
        public var filename: String?
        /// The media type as it is declared.
        public var contentType: String?
        /// The content.
        public var body: ArraySlice<UInt8>

        /// The content as text; `nil` when it is not UTF-8.
        public var text: String? { String(validating: body, as: UTF8.self) }
    }

    /// Why a body is no form, in words for whoever sent it.
    public struct Malformed: Error, Sendable, Hashable {
        /// What is wrong.
        public var message: String
    }

    /// The most parts of a form.
    public static let mostParts = 64
    /// The most bytes of one part's header lines.
    public static let mostHeaderBytes = 8 << 10

    /// The fields in the order they came.
    public private(set) var parts: [Part] = []

    /// The first part of a name.
    public subscript(name: String) -> Part? { parts.first { $0.name == name } }

    /// Takes a body apart.
    ///
    /// - Parameters:
    ///   - body: The whole body.
    ///   - contentType: The request's content type, which names the boundary.
    /// - Throws: `Malformed`.
    public init(_ body: [UInt8], contentType: String) throws(Malformed) {
        let type = FieldValue(contentType)
        guard type.essence == "multipart/form-data" else {
            throw Malformed(message: "the body must be declared as multipart/form-data")
        }
        guard let boundary = type.parameters["boundary"], (1...70).contains(boundary.utf8.count)
        else {
            throw Malformed(message: "multipart/form-data needs a boundary of 1 to 70 characters")
        }
        var cuts = try Self.cuts(body, delimiter: Array("--\(boundary)".utf8))[...]
        while let cut = cuts.popFirst(), let next = cuts.first {
            guard parts.count < Self.mostParts else {
                throw Malformed(message: "the form has more than \(Self.mostParts) fields")
            }
            guard cut.end <= next.start else {
                throw Malformed(message: "a field of the form has no header lines")
            }
            parts.append(try Self.part(body[cut.end..<next.start]))
        }
    }

    /// Where a delimiter stands: from the line break before it to the end of its line.
    private struct Cut {
        var start: Int
        var end: Int
    }

    /// The delimiters' places, the closing one last.
    private static func cuts(
        _ body: [UInt8],
        delimiter: [UInt8]
    ) throws(Malformed) -> [Cut] {
        var cuts: [Cut] = []
        var place = 0
        while let found = next(delimiter, in: body, from: place) {
            let after = found + delimiter.count
            let start = found >= 2 ? found - 2 : 0
            if body[after...].starts(with: [0x2D, 0x2D]) {
                return cuts + [Cut(start: start, end: after + 2)]
            }
            let padding = body[after...].prefix { $0 == 0x20 || $0 == 0x09 }
            place = padding.endIndex
            // Longer boundaries may begin like this one: only a whole line counts.
            guard body[place...].starts(with: [0x0D, 0x0A]) else { continue }
            place += 2
            cuts.append(Cut(start: start, end: place))
            // The next delimiter may share this one's line break when the part is empty.
            place -= 2
        }
        throw Malformed(message: "the form does not end with its closing boundary")
    }

    /// The next place of the delimiter at the body's start or after a line break.
    private static func next(_ delimiter: [UInt8], in body: [UInt8], from: Int) -> Int? {
        if from == 0, body.starts(with: delimiter) { return 0 }
        let wanted = [0x0D, 0x0A] + delimiter
        return body.withUnsafeBytes { bytes in
            wanted.withUnsafeBytes { wanted in
                guard let base = bytes.baseAddress, let pattern = wanted.baseAddress else {
                    return nil
                }
                var place = from
                while place + wanted.count <= bytes.count,
                    let found = memchr(base + place, 0x0D, bytes.count - place)
                {
                    let index = UnsafeRawPointer(found) - base
                    guard index + wanted.count <= bytes.count else { return nil }
                    if memcmp(base + index, pattern, wanted.count) == 0 { return index + 2 }
                    place = index + 1
                }
                return nil
            }
        }
    }

    /// A part of its header lines and content.
    private static func part(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> Part {
        var rest = bytes
        var disposition: FieldValue?
        var contentType: String?
        while true {
            guard let end = rest.prefix(mostHeaderBytes).firstIndex(of: 0x0D),
                rest[end...].starts(with: [0x0D, 0x0A])
            else {
                throw Malformed(message: "a field of the form has no end of its header lines")
            }
            let line = rest[rest.startIndex..<end]
            rest = rest[(end + 2)...]
            if line.isEmpty { break }
            guard rest.startIndex - bytes.startIndex <= mostHeaderBytes,
                let text = String(validating: line, as: UTF8.self),
                let colon = text.firstIndex(of: ":")
            else {
                throw Malformed(message: "a field of the form has a header line that is none")
            }
            let value = text[text.index(after: colon)...].trimmingBlanks()
            switch text[..<colon].lowercased() {
            case "content-disposition": disposition = FieldValue(value)
            case "content-type": contentType = value
            default: break
            }
        }
        guard let disposition, disposition.essence == "form-data",
            let name = disposition.parameters["name"]
        else {
            throw Malformed(message: "a field of the form lacks content-disposition with a name")
        }
        return Part(
            name: name,
            filename: disposition.parameters["filename"],
            contentType: contentType,
            body: rest
        )
    }
}

/// A header value of the form `essence; name=value; name="value"`.
struct FieldValue: Sendable, Hashable {
    /// What stands before the parameters, in lower case.
    private(set) var essence: String
    /// The first value of each name; names are in lower case.
    private(set) var parameters: [String: String] = [:]

    init(_ text: String) {
        var rest = text[...]
        essence = rest.prefix { $0 != ";" }.trimmingBlanks().lowercased()
        rest = rest.drop { $0 != ";" }
        while rest.popFirst() != nil {
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else { continue }
            rest.removeFirst()
            let value = Self.value(&rest)
            let key = name.trimmingBlanks().lowercased()
            if parameters[key] == nil { parameters[key] = value }
            rest = rest.drop { $0 != ";" }
        }
    }

    /// A token, or a quoted string with its escapes undone.
    private static func value(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest.dropFirst(token.count)
            return token.trimmingBlanks()
        }
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst(), character != "\"" {
            // RFC 9110 §5.6.4; browsers write quotes as %22 and leave backslashes alone (RFC 7578 §2).
            if character == "\\", rest.first == "\"" || rest.first == "\\" {
                text.append(rest.removeFirst())
            } else {
                text.append(character)
            }
        }
        return text.replacing("%22", with: "\"")
    }
}
