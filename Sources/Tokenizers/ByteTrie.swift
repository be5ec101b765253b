/// Byte strings and a number for each, walked byte by byte.
struct ByteTrie: Sendable {
    private var edges: PairTable
    /// The number of the string that ends at each node; -1 where none does.
    private var values: [Int32] = [-1]

    init(minimumCapacity: Int) {
        edges = PairTable(minimumCapacity: minimumCapacity)
    }

    var isEmpty: Bool { values.count == 1 }

    mutating func insert(_ bytes: some Sequence<UInt8>, _ value: Int32) {
        var node: UInt32 = 0
        for byte in bytes {
            if let next = edges.value(node, UInt32(byte)) {
                node = UInt32(truncatingIfNeeded: next)
            } else {
                let next = UInt32(truncatingIfNeeded: values.count)
                edges.set(node, UInt32(byte), to: UInt64(next))
                values.append(-1)
                node = next
            }
        }
        values[Int(node)] = value
    }

    /// The longest string that `bytes` has at `start`, and where it ends.
    func longestMatch(in bytes: [UInt8], at start: Int, end: Int) -> (value: Int32, end: Int)? {
        var node: UInt32 = 0
        var found: (value: Int32, end: Int)?
        var position = start
        while position < end, let next = edges.value(node, UInt32(bytes[position])) {
            node = UInt32(truncatingIfNeeded: next)
            position += 1
            if values[Int(node)] >= 0 { found = (values[Int(node)], position) }
        }
        return found
    }

    /// The number of the string that is exactly `range` of `bytes`.
    func value(of bytes: [UInt8], _ range: Range<Int>) -> Int32? {
        var node: UInt32 = 0
        for index in range {
            guard let next = edges.value(node, UInt32(bytes[index])) else { return nil }
            node = UInt32(truncatingIfNeeded: next)
        }
        let value = values[Int(node)]
        return value < 0 ? nil : value
    }
}
