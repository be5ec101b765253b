/// Python's string operations, by Unicode scalar, in linear time.
enum TemplateStrings {
    /// Where `part` first is in `text`, in bytes; Knuth, Morris and Pratt's search.
    static func find(_ part: String, in text: String) -> Int? {
        let found = occurrences(of: Array(part.utf8), in: Array(text.utf8), atMost: 1)
        return part.isEmpty ? 0 : found.first
    }

    /// Where `part` is in `text`, in bytes, from left to right, without overlap unless asked for.
    static func occurrences(
        of part: [UInt8],
        in text: [UInt8],
        atMost limit: Int = .max,
        overlapping: Bool = false
    ) -> [Int] {
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
                matched = overlapping ? borders[matched - 1] : 0
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
                words.append(String(rest))
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

    static func reversed(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
    }

    /// Python's line ends; the last line has none.
    static func lines(_ text: String, keepingEnds: Bool = false) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            defer { previous = scalar }
            if scalar == "\n", previous == "\r" {
                if keepingEnds { lines[lines.count - 1] += "\n" }
            } else if isLineEnd(scalar) {
                if keepingEnds { line.append(scalar) }
                lines.append(String(line))
                line = String.UnicodeScalarView()
            } else {
                line.append(scalar)
            }
        }
        if !line.isEmpty { lines.append(String(line)) }
        return lines
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Where `part` is in `text`, in scalars; an empty one is everywhere.
    static func places(of part: String, in text: String, overlapping: Bool) -> [Int] {
        let bytes = Array(text.utf8)
        let found =
            part.isEmpty
            ? Array(0...bytes.count)
            : occurrences(of: Array(part.utf8), in: bytes, overlapping: overlapping)
        var places: [Int] = []
        var scalars = 0
        var next = found[...]
        for (index, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            while let first = next.first, first < index { next.removeFirst() }
            if next.first == index { places.append(scalars) }
            scalars += 1
        }
        if part.isEmpty { places.append(scalars) }
        return places
    }

    // MARK: Widths

    /// Where the text stands in its field.
    enum Side { case left, right, center }

    static func padded(_ text: String, _ width: Int, _ side: Side, _ fill: String) -> String {
        let room = width - text.unicodeScalars.count
        guard room > 0 else { return text }
        // As CPython centers: the odd space goes left if the width is odd.
        let left =
            switch side {
            case .left: 0
            case .right: room
            case .center: room / 2 + (room & width & 1)
            }
        return String(repeating: fill, count: left) + text
            + String(repeating: fill, count: room - left)
    }

    static func zeroFilled(_ text: String, _ width: Int) -> String {
        let room = width - text.unicodeScalars.count
        guard room > 0 else { return text }
        let hasSign = text.hasPrefix("-") || text.hasPrefix("+")
        return text.prefix(hasSign ? 1 : 0) + String(repeating: "0", count: room)
            + text.dropFirst(hasSign ? 1 : 0)
    }

    static func expandingTabs(_ text: String, _ size: Int) -> String {
        var result = String.UnicodeScalarView()
        var column = 0
        for scalar in text.unicodeScalars {
            if scalar == "\t" {
                let count = size > 0 ? size - column % size : 0
                result.append(contentsOf: repeatElement(" ", count: count))
                column += count
            } else {
                result.append(scalar)
                column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
            }
        }
        return String(result)
    }

    // MARK: Numbers

    /// What Python's `int(text, base)` gives.
    static func whole(_ text: String, _ base: Int) -> Int? {
        var digits = trimmed(text, nil).lowercased()
        var sign = ""
        if let first = digits.first, first == "-" || first == "+" {
            sign = String(digits.removeFirst())
        }
        let prefix = base == 16 ? "0x" : base == 8 ? "0o" : "0b"
        if base != 10, digits.hasPrefix(prefix) { digits.removeFirst(2) }
        guard (2...36).contains(base), let digits = withoutUnderscores(digits),
            digits.first != "-", digits.first != "+"
        else { return nil }
        return Int(sign + digits, radix: base)
    }

    /// What Python's `float(text)` gives.
    static func number(_ text: String) -> Double? {
        let text = trimmed(text, nil).lowercased()
        let name = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.dropFirst()) : text
        if ["inf", "infinity", "nan"].contains(name) { return Double(text) }
        guard let digits = withoutUnderscores(text),
            digits.utf8.allSatisfy({ "0123456789+-.e".utf8.contains($0) })
        else { return nil }
        return Double(digits)
    }

    /// Underscores may stand between digits only.
    private static func withoutUnderscores(_ text: String) -> String? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return text }
        let areBetween = zip(parts, parts.dropFirst()).allSatisfy { left, right in
            left.last?.isHexDigit == true && right.first?.isHexDigit == true
        }
        return areBetween ? parts.joined() : nil
    }

    /// Runs of letters, digits and underscores.
    static func wordCount(_ text: String) -> Int {
        var count = 0
        var isInside = false
        for scalar in text.unicodeScalars {
            let isWord =
                scalar == "_" || scalar.properties.numericType != nil
                || CharacterClass.of(scalar.value).contains(.letter)
            if isWord, !isInside { count += 1 }
            isInside = isWord
        }
        return count
    }
}
