/// Reads scalars from well-formed UTF-8, forwards, without leaving a range.
struct TextCursor {
    let bytes: [UInt8]
    /// Where reading stops, exclusive.
    let end: Int

    /// One scalar: its number and how many bytes it takes.
    struct Step {
        var scalar: UInt32
        var length: Int
        var kind: CharacterClass { CharacterClass.of(scalar) }
    }

    /// The scalar at `offset`; `nil` at the end.
    @inline(__always)
    func step(at offset: Int) -> Step? {
        guard offset < end else { return nil }
        let first = bytes[offset]
        if first < 0x80 { return Step(scalar: UInt32(first), length: 1) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard offset + length <= end else { return Step(scalar: 0xFFFD, length: end - offset) }
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for index in 1..<length { scalar = scalar << 6 | UInt32(bytes[offset + index] & 0x3F) }
        return Step(scalar: scalar, length: length)
    }

    /// The end of the run of scalars from `offset` on that have any of `kinds`.
    func run(of kinds: CharacterClass, from offset: Int) -> Int {
        var position = offset
        while let step = step(at: position), !step.kind.isDisjoint(with: kinds) {
            position += step.length
        }
        return position
    }

    /// The end of the run of scalars from `offset` on that have none of `kinds`.
    func run(without kinds: CharacterClass, from offset: Int) -> Int {
        var position = offset
        while let step = step(at: position), step.kind.isDisjoint(with: kinds) {
            position += step.length
        }
        return position
    }
}
