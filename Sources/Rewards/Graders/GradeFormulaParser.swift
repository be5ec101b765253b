import Domain

/// Reads the text of a formula, from the loosest operators to the tightest.
struct GradeFormulaParser {
    /// What is wrong, and before which character.
    struct Problem: Error {
        let message: String
        let place: Int
    }

    private let text: [Character]
    private let names: [String]
    private var place = 0
    private var depth = 0
    private var size = 0

    init(_ text: String, names: [String]) {
        self.text = Array(text)
        self.names = names
    }

    /// The whole text as one formula.
    mutating func whole() throws(Problem) -> GradeFormula.Node {
        let node = try sum()
        guard peek() == nil else { throw problem("\"\(text[place])\" is not expected") }
        return node
    }

    private func problem(_ message: String) -> Problem { Problem(message: message, place: place) }

    /// The next character that is no white space.
    private mutating func peek() -> Character? {
        while place < text.count, text[place].isWhitespace { place += 1 }
        return place < text.count ? text[place] : nil
    }

    private mutating func take(_ signs: String) -> Character? {
        guard let found = peek(), signs.contains(found) else { return nil }
        place += 1
        return found
    }

    /// Trees are left-deep along chains too, so that their length is bounded with their depth.
    private mutating func joined(
        _ sign: Character,
        _ left: GradeFormula.Node,
        _ right: GradeFormula.Node
    ) throws(Problem) -> GradeFormula.Node {
        size += 1
        guard size <= 256 else { throw problem("has more than 256 operations") }
        return .binary(sign, left, right)
    }

    private mutating func deeper<Result>(
        _ read: (inout Self) throws(Problem) -> Result
    ) throws(Problem) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= GradeFormula.maximumDepth else {
            throw problem("is nested deeper than \(GradeFormula.maximumDepth)")
        }
        return try read(&self)
    }

    private mutating func sum() throws(Problem) -> GradeFormula.Node {
        try deeper { (parser) throws(Problem) in
            var node = try parser.product()
            while let sign = parser.take("+-") {
                node = try parser.joined(sign, node, try parser.product())
            }
            return node
        }
    }

    private mutating func product() throws(Problem) -> GradeFormula.Node {
        var node = try signed()
        while let sign = take("*/") {
            // Two stars are a power in Python, which the formulas look like.
            guard !(sign == "*" && take("*") != nil) else { throw problem("write ^ for a power") }
            node = try joined(sign, node, try signed())
        }
        return node
    }

    private mutating func signed() throws(Problem) -> GradeFormula.Node {
        try deeper { (parser) throws(Problem) in
            if parser.take("-") != nil { return .negative(try parser.signed()) }
            if parser.take("+") != nil { return try parser.signed() }
            let base = try parser.atom()
            // -2^2 is -4, and 2^3^2 is 2^9, as in mathematics.
            guard parser.take("^") != nil else { return base }
            return try parser.joined("^", base, try parser.signed())
        }
    }

    private mutating func atom() throws(Problem) -> GradeFormula.Node {
        if take("(") != nil {
            let node = try sum()
            guard take(")") != nil else { throw problem("a ) is missing") }
            return node
        }
        guard let first = peek() else { throw problem("something is missing") }
        if first.isASCII && (first.isNumber || first == ".") { return try number() }
        guard first.isLetter || first == "_" else { throw problem("\"\(first)\" is not expected") }
        let start = place
        let word = word()
        if take("(") != nil { return try call(word, start) }
        guard let index = names.firstIndex(of: word) else { throw unknown(word, start) }
        return .name(index)
    }

    private func unknown(_ word: String, _ start: Int) -> Problem {
        let hint = NameHint.meantOrKnown(word, among: names, listed: names)
        return Problem(message: "\"\(word)\" is no grader\(hint)", place: start)
    }

    private mutating func word() -> String {
        var word = ""
        while place < text.count,
            text[place].isLetter || text[place].isNumber || text[place] == "_"
        {
            word.append(text[place])
            place += 1
        }
        return word
    }

    private mutating func number() throws(Problem) -> GradeFormula.Node {
        let start = place
        var digits = ""
        while place < text.count {
            let character = text[place]
            let endsInE = digits.last.map { "eE".contains($0) } ?? false
            let belongs =
                character.isASCII
                && (character.isNumber || ".eE".contains(character)
                    || ("+-".contains(character) && endsInE))
            guard belongs else { break }
            digits.append(character)
            place += 1
        }
        guard let number = Double(digits), number.isFinite else {
            throw Problem(message: "\"\(digits)\" is no number", place: start)
        }
        return .number(number)
    }

    private mutating func call(_ name: String, _ start: Int) throws(Problem) -> GradeFormula.Node {
        guard let counts = GradeFormula.functions[name] else {
            let known = GradeFormula.functions.keys.sorted().joined(separator: ", ")
            throw Problem(message: "\"\(name)\" is no function; known: \(known)", place: start)
        }
        var arguments = [try sum()]
        while take(",") != nil { arguments.append(try sum()) }
        guard take(")") != nil else { throw problem("a ) is missing") }
        guard counts.contains(arguments.count) else {
            let wanted = counts.count == 1 ? "one number" : "1 to \(counts.upperBound) numbers"
            throw Problem(message: "\(name) takes \(wanted)", place: start)
        }
        return .call(name, arguments)
    }
}
