import Foundation

/// Python's two ways to lay values out in text: `'%s' % x` and `'{}'.format(x)`.
struct TemplateFormat {
    private static let widest = 10_000

    private var fill: Unicode.Scalar = " "
    private var side: TemplateStrings.Side?
    /// Whether zeros go between the sign and the digits.
    private var fillsInside = false
    private var sign = ""
    private var isAlternate = false
    private var groups = false
    private var width = 0
    private var precision: Int?
    private var kind: Unicode.Scalar?

    // MARK: "%s"

    /// `text % values`; the values are a tuple, a dictionary for `%(name)s`, or one alone.
    static func percent(
        _ text: String,
        _ values: TemplateValue,
        _ interpreter: TemplateInterpreter
    ) throws -> String {
        var rest = [values][...]
        if case .list(let list) = values, list.isTuple { rest = list.items[...] }
        var reader = Reader(text)
        var result = ""
        while let scalar = reader.next() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if reader.skip("%") {
                result += "%"
                continue
            }
            var named: TemplateValue?
            if reader.skip("(") {
                let name = try reader.text(until: ")")
                named = try interpreter.element(.string(name), of: values)
                if case .undefined? = named { throw unknown("%(\(name))") }
            }
            let format = try Self(percent: &reader)
            guard let value = named ?? rest.popFirst() else {
                throw TemplateLexer.failure("formats by '\(text)', which asks for more values")
            }
            result += try format.laidOut(value, interpreter, isPercent: true)
            try interpreter.charge(bytes: result.utf8.count)
        }
        if case .dictionary = values { return result }
        guard rest.isEmpty else {
            throw TemplateLexer.failure("formats by '\(text)', which asks for fewer values")
        }
        return result
    }

    private init(percent reader: inout Reader) throws {
        side = .right
        while let flag = reader.peek, "-+ 0#".unicodeScalars.contains(flag) {
            _ = reader.next()
            switch flag {
            case "-": side = .left
            case "+": sign = "+"
            case " ": sign = sign.isEmpty ? " " : sign
            case "0": fillsInside = true
            default: isAlternate = true
            }
        }
        if side == .left { fillsInside = false }
        width = try reader.number() ?? 0
        if reader.skip(".") { precision = try reader.number() ?? 0 }
        guard let kind = reader.next(), "diusrfFeEgGxXoc".unicodeScalars.contains(kind) else {
            throw Self.unknown("%")
        }
        self.kind = kind == "i" || kind == "u" ? "d" : kind
    }

    // MARK: "{}"

    /// `text.format(values)`.
    static func braces(
        _ text: String,
        _ values: TemplateArguments,
        _ interpreter: TemplateInterpreter
    ) throws -> String {
        var reader = Reader(text)
        var result = ""
        var place = 0
        while let scalar = reader.next() {
            if scalar == "}" {
                guard reader.skip("}") else { throw unknown("}") }
                result += "}"
            } else if scalar == "{", !reader.skip("{") {
                let field = try reader.text(until: "}")
                result += try laidOut(field, values, &place, interpreter)
                try interpreter.charge(bytes: result.utf8.count)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func laidOut(
        _ field: String,
        _ values: TemplateArguments,
        _ place: inout Int,
        _ interpreter: TemplateInterpreter
    ) throws -> String {
        let parts = TemplateStrings.split(field, by: ":", limit: 1)
        let named = TemplateStrings.split(parts[0], by: "!", limit: 1)
        let name = named[0]
        guard !field.utf8.contains(0x7B), !name.utf8.contains(0x2E), !name.utf8.contains(0x5B),
            named.count == 1 || ["s", "r"].contains(named[1])
        else { throw unknown("{\(field)}") }
        let index = name.isEmpty ? place : Int(name)
        if name.isEmpty { place += 1 }
        let found = index.map {
            values.positional.indices.contains($0) ? values.positional[$0] : nil
        }
        guard let value = found ?? values.named.first(where: { $0.name == name })?.value else {
            throw TemplateLexer.failure("formats '{\(field)}', for which there is no value")
        }
        var reader = Reader(parts.count > 1 ? parts[1] : "")
        let format = try Self(braces: &reader)
        guard named.count == 1 else {
            let text = try TemplateText.plain(value, budget: interpreter.budget)
            let shown =
                named[1] == "s"
                ? text : try TemplateText.quoted(value, budget: interpreter.budget)
            return try format.laidOut(.string(shown), interpreter, isPercent: false)
        }
        return try format.laidOut(value, interpreter, isPercent: false)
    }

    private init(braces reader: inout Reader) throws {
        func side(_ scalar: Unicode.Scalar?) -> TemplateStrings.Side? {
            switch scalar {
            case "<": .left
            case ">", "=": .right
            case "^": .center
            default: nil
            }
        }
        if let found = side(reader.peek(1)), let scalar = reader.next() {
            (self.side, fill) = (found, scalar)
            fillsInside = reader.next() == "="
        } else if let found = side(reader.peek) {
            self.side = found
            fillsInside = reader.next() == "="
        }
        if let scalar = reader.peek, "+- ".unicodeScalars.contains(scalar) {
            _ = reader.next()
            sign = scalar == "-" ? "" : String(scalar)
        }
        isAlternate = reader.skip("#")
        if reader.skip("0"), self.side == nil {
            fill = "0"
            (self.side, fillsInside) = (.right, true)
        }
        width = try reader.number() ?? 0
        groups = reader.skip(",")
        if reader.skip(".") { precision = try reader.number() }
        kind = reader.next()
        guard reader.peek == nil, kind.map({ "sdfFeEgGxXobc%".unicodeScalars.contains($0) }) ?? true
        else { throw Self.unknown("{}") }
    }

    // MARK: Values

    private func laidOut(
        _ value: TemplateValue,
        _ interpreter: TemplateInterpreter,
        isPercent: Bool
    ) throws -> String {
        try interpreter.charge(bytes: width + (precision ?? 0))
        if kind == "s" || kind == "r" || kind == nil && value.number == nil {
            if kind == "s", !isPercent, value.string == nil { throw Self.unknown("s") }
            var text =
                kind == "r"
                ? try TemplateText.quoted(value, budget: interpreter.budget)
                : try interpreter.text(of: value)
            if let precision {
                text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
            }
            return TemplateStrings.padded(text, width, side ?? .left, String(fill))
        }
        if case .bool = value, kind == nil, !isPercent {
            return try laidOut(
                .string(try interpreter.text(of: value)),
                interpreter,
                isPercent: false
            )
        }
        guard let number = value.number else {
            throw TemplateLexer.failure("formats \(value.kind) as a number")
        }
        let digits = try digits(of: value, number, isPercent: isPercent)
        let isNegative = number < 0 || number == 0 && number.sign == .minus
        let sign = isNegative ? "-" : sign
        guard fillsInside else {
            return TemplateStrings.padded(sign + digits, width, side ?? .right, String(fill))
        }
        let inside = isPercent ? "0" : String(fill)
        return sign + TemplateStrings.padded(digits, width - sign.utf8.count, .right, inside)
    }

    /// The digits without a sign.
    private func digits(
        of value: TemplateValue,
        _ number: Double,
        isPercent: Bool
    ) throws -> String {
        let size = abs(number)
        switch kind {
        case "d", "x", "X", "o", "b", "c", nil:
            if let whole = value.integer { return try wholeDigits(whole) }
            if kind == nil, precision == nil { return grouped(TemplateText.text(of: size)) }
            guard kind == "d", isPercent, let whole = Int(exactly: size.rounded(.down)) else {
                throw Self.unknown(kind.map { String($0) } ?? "{}")
            }
            return try wholeDigits(whole)
        case "f", "F": return grouped(String(format: "%.\(precision ?? 6)f", size))
        case "e", "E": return String(format: "%.\(precision ?? 6)\(kind == "e" ? "e" : "E")", size)
        case "g", "G": return String(format: "%.\(precision ?? 6)\(kind == "g" ? "g" : "G")", size)
        case "%": return String(format: "%.\(precision ?? 6)f", size * 100) + "%"
        default: throw Self.unknown(kind.map { String($0) } ?? "")
        }
    }

    private func wholeDigits(_ whole: Int) throws -> String {
        guard kind != "c" else {
            guard let scalar = UInt32(exactly: whole).flatMap(Unicode.Scalar.init) else {
                throw Self.unknown("c")
            }
            return String(scalar)
        }
        let radix = kind == "x" || kind == "X" ? 16 : kind == "o" ? 8 : kind == "b" ? 2 : 10
        var text = String(whole.magnitude, radix: radix, uppercase: kind == "X")
        if let precision { text = TemplateStrings.zeroFilled(text, precision) }
        let prefix = isAlternate && radix != 10 ? "0" + String(kind ?? "x") : ""
        return prefix + grouped(text)
    }

    private func grouped(_ digits: String) -> String {
        guard groups else { return digits }
        let parts = TemplateStrings.split(digits, by: ".", limit: 1)
        var result = ""
        for (index, digit) in parts[0].enumerated() {
            if index > 0, (parts[0].count - index).isMultiple(of: 3) { result += "," }
            result.append(digit)
        }
        return ([result] + parts.dropFirst()).joined(separator: ".")
    }

    private static func unknown(_ part: String) -> any Error {
        TemplateLexer.failure("formats by '\(part)' in a way that is not supported")
    }

    /// Goes through a format's text.
    private struct Reader {
        private let scalars: [Unicode.Scalar]
        private var position = 0

        init(_ text: String) { scalars = Array(text.unicodeScalars) }

        var peek: Unicode.Scalar? { peek(0) }

        func peek(_ offset: Int) -> Unicode.Scalar? {
            position + offset < scalars.count ? scalars[position + offset] : nil
        }

        mutating func next() -> Unicode.Scalar? {
            guard let scalar = peek else { return nil }
            position += 1
            return scalar
        }

        mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
            guard peek == scalar else { return false }
            position += 1
            return true
        }

        mutating func number() throws -> Int? {
            var value: Int?
            while let digit = peek, ("0"..."9").contains(digit) {
                position += 1
                value = (value ?? 0) * 10 + Int(digit.value - 0x30)
                guard value ?? 0 <= TemplateFormat.widest else {
                    throw TemplateLexer.failure("formats wider than \(TemplateFormat.widest)")
                }
            }
            return value
        }

        mutating func text(until end: Unicode.Scalar) throws -> String {
            var text = String.UnicodeScalarView()
            while let scalar = next() {
                if scalar == end { return String(text) }
                text.append(scalar)
            }
            throw TemplateLexer.failure("formats by a text that lacks '\(end)'")
        }
    }
}
