import APITypes

/// Which tokens belong together because a character's bytes are spread over them.
enum TextPieces {
    private static let broken: Unicode.Scalar = "\u{FFFD}"

    /// Runs of tokens whose texts, one for each run, are whole characters.
    ///
    /// `texts` has the text of each token alone, in which a part of a character is U+FFFD.
    static func runs(_ texts: [String]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var wasBroken = false
        for (place, text) in texts.enumerated() {
            let isBroken = text.unicodeScalars.contains(broken)
            if isBroken, wasBroken, let last = runs.popLast() {
                runs.append(last.lowerBound..<place + 1)
            } else {
                runs.append(place..<place + 1)
            }
            wasBroken = isBroken
        }
        return runs
    }

    /// Where in `text`, in Unicode scalars, each token begins whose own text is given.
    ///
    /// Tokens that share a character begin where it does, and what comes after `text` at its end.
    static func offsets(of texts: [String], in text: String) -> [Int] {
        let runs = Self.runs(texts)
        var rest = text[...].unicodeScalars
        var offsets: [Int] = []
        for (place, run) in runs.enumerated() {
            let own = texts[run.lowerBound].unicodeScalars
            if !own.isEmpty, !own.contains(broken) {
                // What an earlier piece's tokens left of a character that never became whole.
                let whole = rest.drop { $0 == broken }
                if whole.starts(with: own) { rest = whole }
            }
            let offset = text.unicodeScalars.distance(from: text.startIndex, to: rest.startIndex)
            offsets += repeatElement(offset, count: run.count)
            if !own.contains(broken) {
                // Special tokens, and what follows the text, are not in it.
                if rest.starts(with: own) { rest = rest.dropFirst(own.count) }
                continue
            }
            // A character of several tokens ends where the next token's text begins.
            let next = place + 1 < runs.count ? texts[runs[place + 1].lowerBound] : ""
            repeat {
                rest = rest.dropFirst()
            } while !rest.isEmpty && (next.isEmpty || !rest.starts(with: next.unicodeScalars))
        }
        return offsets
    }

    /// The runs' texts cut to `text`, with which they begin.
    ///
    /// What follows it is an end token or the stop string. Special tokens within, which the text
    /// leaves out, have none.
    static func pieces(
        _ runs: [Range<Int>],
        texts: [String],
        of text: String
    ) -> [DrawnChoice.Piece] {
        var rest = text[...].utf8
        var pieces: [DrawnChoice.Piece] = []
        for (place, run) in runs.enumerated() {
            let isLast = place == runs.count - 1
            let own = texts[place].utf8
            let isShown = rest.starts(with: own) || own.starts(with: rest)
            let part = isLast ? rest[...] : rest.prefix(isShown ? own.count : 0)
            rest = rest.dropFirst(part.count)
            pieces.append(DrawnChoice.Piece(text: String(part) ?? "", tokens: run))
        }
        return pieces
    }
}
