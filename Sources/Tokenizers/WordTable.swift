/// Finds the token whose bytes are exactly a word's: one flat hash table over one byte buffer.
struct WordTable: Sendable {
    private var storage: [UInt8] = []
    private var starts: [Int32] = []
    private var slots: [Int32]
    private let mask: Int

    /// Indexes `words`; of equal ones the last wins.
    init(_ words: [[UInt8]]) {
        var bits = 4
        while (1 << bits) < words.count * 2 { bits += 1 }
        slots = Array(repeating: -1, count: 1 << bits)
        mask = (1 << bits) - 1
        storage.reserveCapacity(words.count * 8)
        starts.reserveCapacity(words.count + 1)
        for word in words {
            starts.append(Int32(truncatingIfNeeded: storage.count))
            storage.append(contentsOf: word)
        }
        starts.append(Int32(truncatingIfNeeded: storage.count))
        for (id, word) in words.enumerated() {
            slots[slot(of: word, 0..<word.count)] = Int32(truncatingIfNeeded: id)
        }
    }

    /// The number of words.
    var count: Int { starts.count - 1 }

    /// The bytes of the word numbered `id`, which must exist.
    func bytes(_ id: Int) -> ArraySlice<UInt8> { storage[Int(starts[id])..<Int(starts[id + 1])] }

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
        let start = Int(starts[id])
        guard Int(starts[id + 1]) - start == range.count else { return false }
        for offset in 0..<range.count
        where storage[start + offset] != bytes[range.lowerBound + offset] {
            return false
        }
        return true
    }
}
