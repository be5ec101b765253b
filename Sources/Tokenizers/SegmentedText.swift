/// Text on its way through the steps of a `PreTokenization`: UTF-8 and the pieces it is cut into.
struct SegmentedText {
    private(set) var bytes: [UInt8]
    private(set) var pieces: [Range<Int>]

    init(bytes: [UInt8]) {
        self.bytes = bytes
        pieces = bytes.isEmpty ? [] : [0..<bytes.count]
    }

    mutating func apply(_ step: PreTokenization.Step) {
        switch step {
        case .digits(let individual): cutDigits(individual: individual)
        case .split(let pattern): cut(by: pattern)
        case .byteLevel(let addsPrefixSpace, let usesPattern):
            if addsPrefixSpace { addPrefixSpaces() }
            if usesPattern { cut(by: .gpt2) }
        }
    }

    private mutating func cut(by pattern: SplitPattern) {
        var cuts: [Range<Int>] = []
        cuts.reserveCapacity(bytes.count / 4 + pieces.count)
        for piece in pieces {
            let scanner = SplitScanner(bytes: bytes, range: piece)
            let cursor = TextCursor(bytes: bytes, end: piece.upperBound)
            var position = piece.lowerBound
            var unmatched = position
            while position < piece.upperBound {
                guard let end = scanner.match(pattern, at: position) else {
                    position += cursor.step(at: position)?.length ?? 1
                    continue
                }
                if unmatched < position { cuts.append(unmatched..<position) }
                cuts.append(position..<end)
                position = end
                unmatched = end
            }
            if unmatched < position { cuts.append(unmatched..<position) }
        }
        pieces = cuts
    }

    private mutating func cutDigits(individual: Bool) {
        var cuts: [Range<Int>] = []
        for piece in pieces {
            let cursor = TextCursor(bytes: bytes, end: piece.upperBound)
            var position = piece.lowerBound
            while let step = cursor.step(at: position) {
                let start = position
                if !step.kind.contains(.number) {
                    position = cursor.run(without: .number, from: start)
                } else if individual {
                    position += step.length
                } else {
                    position = cursor.run(of: .number, from: start)
                }
                cuts.append(start..<position)
            }
        }
        pieces = cuts
    }

    /// Puts a space before every piece that does not start with one.
    private mutating func addPrefixSpaces() {
        var spaced: [UInt8] = []
        spaced.reserveCapacity(bytes.count + pieces.count)
        pieces = pieces.map { piece in
            let start = spaced.count
            if bytes[piece.lowerBound] != 0x20 { spaced.append(0x20) }
            spaced.append(contentsOf: bytes[piece])
            return start..<spaced.count
        }
        bytes = spaced
    }
}
