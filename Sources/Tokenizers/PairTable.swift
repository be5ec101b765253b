/// A read-mostly map from pairs of 32-bit numbers to a 64-bit one: open addressing, linear probing.
///
/// Merging asks it a dozen times a word, where `Dictionary`'s seeded hash is most of the cost.
struct PairTable: Sendable {
    private static let empty = UInt64.max
    private var keys: [UInt64]
    private var values: [UInt64]
    private var mask: Int
    private var shift: UInt64
    private(set) var count = 0

    init(minimumCapacity: Int) {
        var bits = 4
        while (1 << bits) < minimumCapacity * 2 { bits += 1 }
        keys = Array(repeating: Self.empty, count: 1 << bits)
        values = Array(repeating: 0, count: 1 << bits)
        mask = (1 << bits) - 1
        shift = UInt64(64 - bits)
    }

    /// The value of the pair; setting replaces.
    ///
    /// `(UInt32.max, UInt32.max)` may not be a key.
    @inline(__always)
    func value(_ first: UInt32, _ second: UInt32) -> UInt64? {
        let slot = slot(of: key(first, second))
        return keys[slot] == Self.empty ? nil : values[slot]
    }

    mutating func set(_ first: UInt32, _ second: UInt32, to value: UInt64) {
        let key = key(first, second)
        let found = slot(of: key)
        if keys[found] == Self.empty { count += 1 }
        keys[found] = key
        values[found] = value
        if count * 2 > keys.count { grow() }
    }

    @inline(__always)
    private func key(_ first: UInt32, _ second: UInt32) -> UInt64 {
        UInt64(first) << 32 | UInt64(second)
    }

    /// Where `key` is, or the free place where it would be.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        // Fibonacci hashing: the high bits of a product with 2^64 / the golden ratio.
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while keys[slot] != key, keys[slot] != Self.empty { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        var larger = Self(minimumCapacity: keys.count)
        for (key, value) in zip(keys, values) where key != Self.empty {
            larger.set(
                UInt32(truncatingIfNeeded: key >> 32),
                UInt32(truncatingIfNeeded: key),
                to: value
            )
        }
        self = larger
    }
}
