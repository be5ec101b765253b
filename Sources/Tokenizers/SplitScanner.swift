/// Cuts text as the expressions of `SplitPattern` do, without an engine for them.
///
/// Each function answers one expression's alternatives in their order, at one place; `\p{L}`,
/// `\p{N}` and `\s` are the Unicode properties, as the Oniguruma engine has them.
struct SplitScanner {
    private let cursor: TextCursor

    init(bytes: [UInt8], range: Range<Int>) {
        cursor = TextCursor(bytes: bytes, end: range.upperBound)
    }

    /// The end of the match of `pattern` at `start`; `nil` where it does not match.
    func match(_ pattern: SplitPattern, at start: Int) -> Int? {
        switch pattern {
        case .gpt2: matchGPT2(at: start)
        case .llama3: matchLlama3(at: start, longestNumber: 3)
        case .qwen2: matchLlama3(at: start, longestNumber: 1)
        case .numbers: nonEmpty(cursor.run(of: .number, from: start), start)
        case .punctuation: nonEmpty(cursor.run(of: .punctuation, from: start), start)
        case .digitTriples: matchDigitTriple(at: start)
        }
    }

    private func nonEmpty(_ end: Int, _ start: Int) -> Int? { end > start ? end : nil }

    private func matchDigitTriple(at start: Int) -> Int? {
        guard start + 3 <= cursor.end else { return nil }
        let digits = cursor.bytes[start..<start + 3]
        return digits.allSatisfy { (0x30...0x39).contains($0) } ? start + 3 : nil
    }

    // MARK: GPT-2

    private func matchGPT2(at start: Int) -> Int? {
        if let end = contraction(at: start, ignoringCase: false) { return end }
        // " ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+": an optional space belongs to what follows it.
        let afterSpace = cursor.step(at: start)?.scalar == 0x20 ? start + 1 : start
        guard let next = cursor.step(at: afterSpace) else {
            return nonEmpty(afterSpace, start)
        }
        if next.kind.contains(.letter) { return cursor.run(of: .letter, from: afterSpace) }
        if next.kind.contains(.number) { return cursor.run(of: .number, from: afterSpace) }
        if !next.kind.contains(.space) { return cursor.run(without: .visible, from: afterSpace) }
        return whiteSpace(at: start)
    }

    /// `\s+(?!\S)|\s+`: a run of white space leaves its last scalar to what is visible after it.
    private func whiteSpace(at start: Int) -> Int? {
        var position = start
        var last = start
        while let step = cursor.step(at: position), step.kind.contains(.space) {
            last = position
            position += step.length
        }
        if position == cursor.end || last == start { return nonEmpty(position, start) }
        return last
    }

    // MARK: Llama 3

    private func matchLlama3(at start: Int, longestNumber: Int) -> Int? {
        if let end = contraction(at: start, ignoringCase: true) { return end }
        guard let first = cursor.step(at: start) else { return nil }
        if let end = letters(at: start, first) { return end }
        if first.kind.contains(.number) { return number(at: start, longest: longestNumber) }
        // " ?[^\s\p{L}\p{N}]+[\r\n]*"
        let signs = first.scalar == 0x20 ? start + 1 : start
        let end = cursor.run(without: .visible, from: signs)
        if end > signs { return cursor.run(of: .lineEnd, from: end) }
        return lineEnds(at: start) ?? whiteSpace(at: start)
    }

    /// The end of a match of `[^\r\n\p{L}\p{N}]?\p{L}+`.
    private func letters(at start: Int, _ first: TextCursor.Step) -> Int? {
        if first.kind.contains(.letter) { return cursor.run(of: .letter, from: start) }
        guard first.kind.isDisjoint(with: [.lineEnd, .number]) else { return nil }
        let inner = start + first.length
        return nonEmpty(cursor.run(of: .letter, from: inner), inner)
    }

    private func number(at start: Int, longest: Int) -> Int {
        var position = start
        for _ in 0..<longest {
            guard let step = cursor.step(at: position), step.kind.contains(.number) else { break }
            position += step.length
        }
        return position
    }

    /// `\s*[\r\n]+`: white space up to the last line end of the run.
    private func lineEnds(at start: Int) -> Int? {
        var position = start
        var found: Int?
        while let step = cursor.step(at: position), step.kind.contains(.space) {
            position += step.length
            if step.kind.contains(.lineEnd) { found = position }
        }
        return found
    }

    // MARK: Contractions

    /// The end of a match of `'s|'t|'re|'ve|'m|'ll|'d`.
    private func contraction(at start: Int, ignoringCase: Bool) -> Int? {
        guard start + 1 < cursor.end, cursor.bytes[start] == 0x27,
            let first = letter(at: start + 1, ignoringCase)
        else { return nil }
        switch first.letter {
        case "s", "t", "m", "d": return first.end
        case "r", "v", "l":
            guard let second = letter(at: first.end, ignoringCase) else { return nil }
            let expected: Unicode.Scalar = first.letter == "l" ? "l" : "e"
            return second.letter == expected ? second.end : nil
        default: return nil
        }
    }

    private func letter(
        at offset: Int,
        _ ignoringCase: Bool
    ) -> (letter: Unicode.Scalar, end: Int)? {
        guard let step = cursor.step(at: offset), let scalar = Unicode.Scalar(step.scalar) else {
            return nil
        }
        let end = offset + step.length
        guard ignoringCase else { return (scalar, end) }
        // The long s is the only other scalar that folds to one of these letters.
        if scalar == "\u{17F}" { return ("s", end) }
        let isUpper = (0x41...0x5A).contains(step.scalar)
        return (isUpper ? Unicode.Scalar(UInt8(step.scalar + 0x20)) : scalar, end)
    }
}
