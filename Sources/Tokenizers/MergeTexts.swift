/// Merges by the texts of their tokens, all in one buffer: the two of a merge lie end to end, so
/// that what they make can be looked up where it lies.
struct MergeTexts: Sendable {
    /// The texts of all merges, as UTF-8.
    private(set) var bytes: [UInt8] = []
    private var middles: [Int] = []
    private var ends: [Int] = []

    /// The number of merges.
    var count: Int { ends.count }

    /// Where the two texts of the merge of rank `rank` lie in `bytes`.
    subscript(rank: Int) -> (left: Range<Int>, right: Range<Int>) {
        let start = rank == 0 ? 0 : ends[rank - 1]
        return (start..<middles[rank], middles[rank]..<ends[rank])
    }

    /// Adds a merge of two texts.
    mutating func append(left: some Sequence<UInt8>, right: some Sequence<UInt8>) {
        bytes.append(contentsOf: left)
        middles.append(bytes.count)
        bytes.append(contentsOf: right)
        ends.append(bytes.count)
    }

    /// Adds a merge from what `write` appends: two texts and a space between.
    ///
    /// - Returns: `false`, and nothing added, when it appends something else.
    mutating func append(joined write: (inout [UInt8]) throws -> Void) rethrows -> Bool {
        let start = bytes.count
        try write(&bytes)
        guard let space = bytes[start...].firstIndex(of: 0x20), start < space,
            space + 1 < bytes.count, !bytes[(space + 1)...].contains(0x20)
        else {
            bytes.removeSubrange(start...)
            return false
        }
        bytes.remove(at: space)
        middles.append(space)
        ends.append(bytes.count)
        return true
    }
}
