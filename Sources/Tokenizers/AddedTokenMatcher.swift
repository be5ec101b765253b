/// Finds added tokens in text: leftmost, longest, never overlapping.
struct AddedTokenMatcher: Sendable {
    /// A part of a text: an added token, or what lies between them.
    struct Part {
        var token: Int32?
        var range: Range<Int>
    }

    private let tokens: [AddedToken]
    private var trie: ByteTrie

    init(_ tokens: [AddedToken], spelling: (String) -> String = { $0 }) {
        self.tokens = tokens
        trie = ByteTrie(minimumCapacity: tokens.count * 8)
        for (index, token) in tokens.enumerated() where !token.content.isEmpty {
            trie.insert(spelling(token.content).utf8, Int32(truncatingIfNeeded: index))
        }
    }

    /// The parts of `bytes`, which are well-formed UTF-8.
    ///
    /// Special tokens are passed over, as text, unless wanted.
    func parts(of bytes: [UInt8], recognisingSpecialTokens: Bool) -> [Part] {
        guard !trie.isEmpty else { return [Part(token: nil, range: 0..<bytes.count)] }
        var parts: [Part] = []
        var done = 0
        var position = 0
        while position < bytes.count {
            guard let match = trie.longestMatch(in: bytes, at: position, end: bytes.count) else {
                position += 1
                continue
            }
            let token = tokens[Int(match.value)]
            let found = position..<match.end
            position = match.end
            if token.isSpecial && !recognisingSpecialTokens { continue }
            if token.isSingleWord && touchesWord(bytes, found) { continue }
            let start = max(
                done,
                token.stripsLeft ? spaceStart(bytes, found.lowerBound) : found.lowerBound
            )
            let end = token.stripsRight ? spaceEnd(bytes, found.upperBound) : found.upperBound
            if done < start { parts.append(Part(token: nil, range: done..<start)) }
            parts.append(Part(token: token.id, range: start..<max(start, end)))
            done = max(start, end)
        }
        if done < bytes.count { parts.append(Part(token: nil, range: done..<bytes.count)) }
        return parts
    }

    private func touchesWord(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let cursor = TextCursor(bytes: bytes, end: bytes.count)
        if let next = cursor.step(at: range.upperBound), next.kind.contains(.word) { return true }
        guard let previous = scalarStart(bytes, before: range.lowerBound) else { return false }
        return cursor.step(at: previous)?.kind.contains(.word) ?? false
    }

    private func spaceEnd(_ bytes: [UInt8], _ offset: Int) -> Int {
        TextCursor(bytes: bytes, end: bytes.count).run(of: .space, from: offset)
    }

    private func spaceStart(_ bytes: [UInt8], _ offset: Int) -> Int {
        let cursor = TextCursor(bytes: bytes, end: offset)
        var start = offset
        while let previous = scalarStart(bytes, before: start),
            cursor.step(at: previous)?.kind.contains(.space) == true
        {
            start = previous
        }
        return start
    }

    private func scalarStart(_ bytes: [UInt8], before offset: Int) -> Int? {
        var position = offset - 1
        while position >= 0, bytes[position] & 0xC0 == 0x80 { position -= 1 }
        return position < 0 ? nil : position
    }
}
