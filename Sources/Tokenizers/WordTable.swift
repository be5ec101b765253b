/// Finds the token whose bytes are exactly a word's: one flat hash table over one byte buffer.
struct WordTable: Sendable, Hashable {
    private let words: ByteStrings
    private var slots: [Int32]
    private let mask: Int
    /// Whether any two words are equal.
    private(set) var hasRepeats = false

    /// Indexes `words`; of equal ones the last wins.
    init(_ words: some Collection<String>) {
        var bits = 4
        while (1 << bits) < words.count * 2 { bits += 1 }
        slots = Array(repeating: -1, count: 1 << bits)
        mask = (1 << bits) - 1
        let words = ByteStrings(words) { $1.append(contentsOf: $0.utf8) }
        self.words = words
        for id in 0..<words.count {
            let slot = slot(of: words.storage, words.range(id))
            if slots[slot] >= 0 { hasRepeats = true }
            slots[slot] = Int32(truncatingIfNeeded: id)
        }
    }

    /// The id of the word that is `range` of `bytes`.
    func id(of bytes: [UInt8], _ range: Range<Int>) -> Int32? {
        let id = slots[slot(of: bytes, range)]
        return id < 0 ? nil : id
    }

    /// Where the word is, or the free place where it would be.
    private func slot(of bytes: [UInt8], _ range: Range<Int>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        var slot = Int(truncatingIfNeeded: hash ^ (hash >> 29)) & mask
        while slots[slot] >= 0, !matches(Int(slots[slot]), bytes, range) {
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func matches(_ id: Int, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let word = words.range(id)
        guard word.count == range.count else { return false }
        for offset in 0..<range.count
        where words.storage[word.lowerBound + offset] != bytes[range.lowerBound + offset] {
            return false
        }
        return true
    }
}
