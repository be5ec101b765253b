/// Byte strings by number, end to end in one buffer.
struct ByteStrings: Sendable, Hashable {
    /// All strings, one after another.
    private(set) var storage: [UInt8] = []
    private var ends: [Int32] = []

    /// Takes the string that `write` appends for each element.
    init<Source: Collection>(
        _ source: Source,
        _ write: (_ element: Source.Element, _ bytes: inout [UInt8]) -> Void
    ) {
        storage.reserveCapacity(source.count * 8)
        ends.reserveCapacity(source.count)
        for element in source {
            write(element, &storage)
            ends.append(Int32(truncatingIfNeeded: storage.count))
        }
    }

    /// The number of strings.
    var count: Int { ends.count }

    /// Where the string numbered `index`, which must exist, lies in `storage`.
    func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }

    /// The bytes of the string numbered `index`, which must exist.
    subscript(index: Int) -> ArraySlice<UInt8> { storage[range(index)] }
}
