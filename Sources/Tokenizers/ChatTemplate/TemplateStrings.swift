/// Python's string operations, by Unicode scalar, in linear time.
enum TemplateStrings {
    /// Where `part` first is in `text`, in bytes; Knuth, Morris and Pratt's search.
    static func find(_ part: String, in text: String) -> Int? {
        let found = occurrences(of: Array(part.utf8), in: Array(text.utf8), atMost: 1)
        return part.isEmpty ? 0 : found.first
    }

    /// Where `part` is in `text`, in bytes, from left to right without overlap.
    static func occurrences(of part: [UInt8], in text: [UInt8], atMost limit: Int = .max) -> [Int] {
        guard !part.isEmpty, part.count <= text.count else { return [] }
        var borders = [0]
        var matched = 0
        for byte in part.dropFirst() {
            while matched > 0, part[matched] != byte { matched = borders[matched - 1] }
            if part[matched] == byte { matched += 1 }
            borders.append(matched)
        }
        var found: [Int] = []
        matched = 0
        for (index, byte) in text.enumerated() where found.count < limit {
            while matched > 0, part[matched] != byte { matched = borders[matched - 1] }
            if part[matched] == byte { matched += 1 }
            if matched == part.count {
                found.append(index + 1 - part.count)
                matched = 0
            }
        }
        return found
    }

    /// The parts of Python's `text.split(separator, limit)`.
    static func split(_ text: String, by separator: String, limit: Int) -> [String] {
        let bytes = Array(text.utf8)
        let length = separator.utf8.count
        var parts: [String] = []
        var start = 0
        for place in occurrences(of: Array(separator.utf8), in: bytes, atMost: limit) {
            parts.append(String(decoding: bytes[start..<place], as: UTF8.self))
            start = place + length
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    /// `text.split()`: at runs of white space, none at the ends.
    static func words(_ text: String, limit: Int) -> [String] {
        var words: [String] = []
        var rest = Substring(trimmed(text, nil, right: false)).unicodeScalars
        while !rest.isEmpty {
            guard words.count < limit, let end = rest.firstIndex(where: isSpace) else {
                words.append(trimmed(String(rest), nil, left: words.count >= limit ? false : true))
                break
            }
            words.append(String(rest[..<end]))
            rest = rest[end...].drop(while: isSpace)
        }
        return words
    }

    /// What Python's `str.isspace` says of one scalar.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }

    /// The text after Python's `text.strip(characters)`, or one side of it; `nil` strips white
    /// space.
    static func trimmed(
        _ text: String,
        _ characters: String?,
        left: Bool = true,
        right: Bool = true
    ) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        func goes(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? isSpace(scalar) }
        var rest = Substring(text).unicodeScalars
        if left { rest = rest.drop(while: goes) }
        while right, let last = rest.last, goes(last) { rest.removeLast() }
        return String(rest)
    }

    static func capitalized(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        let rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
        return first.properties.titlecaseMapping + rest.lowercased()
    }

    static func title(_ text: String) -> String {
        var result = ""
        var isInside = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            result += isInside ? properties.lowercaseMapping : properties.titlecaseMapping
            isInside = properties.isCased
        }
        return result
    }

    static func lines(_ text: String) -> [String] {
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
