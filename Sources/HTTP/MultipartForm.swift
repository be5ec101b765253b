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
        public var body: BodyContent

        /// The content as text, up to 64 KiB; `nil` when it is longer or not UTF-8.
        ///
        /// - Throws: `HTTPServerError.system` when the disk fails.
        public func text() throws(HTTPServerError) -> String? {
            guard body.count <= MultipartForm.mostTextBytes else { return nil }
            return String(validating: try body.bytes(in: 0..<body.count), as: UTF8.self)
        }
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
    /// The most bytes of a part that is read as text.
    public static let mostTextBytes = 64 << 10

    /// The fields in the order they came.
    public private(set) var parts: [Part] = []

    /// The first part of a name.
    public subscript(name: String) -> Part? { parts.first { $0.name == name } }

    /// Takes a body apart; long ones are read through a window, and stay where they are.
    ///
    /// - Parameters:
    ///   - body: The whole body.
    ///   - contentType: The request's content type, which names the boundary.
    /// - Throws: `Malformed`, or `HTTPServerError.system` when the disk fails.
    public init(_ body: BodyContent, contentType: String) throws {
        let type = FieldValue(contentType)
        guard type.essence == "multipart/form-data" else {
            throw Malformed(message: "the body must be declared as multipart/form-data")
        }
        guard let boundary = type.parameters["boundary"], (1...70).contains(boundary.utf8.count)
        else {
            throw Malformed(message: "multipart/form-data needs a boundary of 1 to 70 characters")
        }
        let delimiter = Array("--\(boundary)".utf8)
        var window = BodyWindow(body)
        var last: Cut?
        var place = 0
        while let cut = try Self.cut(&window, delimiter, from: place) {
            if let last {
                guard parts.count < Self.mostParts else {
                    throw Malformed(message: "the form has more than \(Self.mostParts) fields")
                }
                guard last.end <= cut.start else {
                    throw Malformed(message: "a field of the form has no header lines")
                }
                parts.append(try Self.part(&window, last.end..<cut.start))
            }
            guard !cut.isLast else { return }
            last = cut
            // The next delimiter may share this one's line break when the part is empty.
            place = cut.end - 2
        }
        throw Malformed(message: "the form does not end with its closing boundary")
    }

    /// Where a delimiter stands: from the line break before it to the end of its line.
    private struct Cut {
        var start: Int
        var end: Int
        var isLast = false
    }

    /// The most blanks after a delimiter (RFC 2046 §5.1.1 has them added on the way, and ignored).
    private static let mostPadding = 64

    /// The next delimiter from a place on.
    private static func cut(
        _ window: inout BodyWindow,
        _ delimiter: [UInt8],
        from: Int
    ) throws -> Cut? {
        var place = from
        while let found = try next(delimiter, in: &window, from: place) {
            let after = found + delimiter.count
            let start = max(0, found - 2)
            let line = try window.bytes(after, mostPadding + 2)
            if line.starts(with: [0x2D, 0x2D]) {
                return Cut(start: start, end: after + 2, isLast: true)
            }
            let padding = line.prefix { $0 == 0x20 || $0 == 0x09 }
            // Longer boundaries may begin like this one: only a whole line counts.
            if line[padding.endIndex...].starts(with: [0x0D, 0x0A]) {
                return Cut(start: start, end: after + padding.count + 2)
            }
            place = after
        }
        return nil
    }

    /// The next place of the delimiter at the body's start or after a line break.
    private static func next(
        _ delimiter: [UInt8],
        in window: inout BodyWindow,
        from: Int
    ) throws -> Int? {
        if from == 0, try window.bytes(0, delimiter.count).elementsEqual(delimiter) { return 0 }
        return try window.find([0x0D, 0x0A] + delimiter, from: from).map { $0 + 2 }
    }

    /// A part of its header lines and content.
    private static func part(_ window: inout BodyWindow, _ range: Range<Int>) throws -> Part {
        var rest = try window.bytes(range.lowerBound, min(range.count, mostHeaderBytes))
        let start = rest.startIndex
        var disposition: FieldValue?
        var contentType: String?
        while true {
            guard let end = rest.firstIndex(of: 0x0D), rest[end...].starts(with: [0x0D, 0x0A])
            else {
                throw Malformed(message: "a field of the form has no end of its header lines")
            }
            let line = rest[rest.startIndex..<end]
            rest = rest[(end + 2)...]
            if line.isEmpty { break }
            guard let text = String(validating: line, as: UTF8.self),
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
        let content = range.lowerBound + rest.startIndex - start
        return Part(
            name: name,
            filename: disposition.parameters["filename"],
            contentType: contentType,
            body: window.content[content..<range.upperBound]
        )
    }
}
