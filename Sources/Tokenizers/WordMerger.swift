/// Byte-pair merging of one word: the pair of lowest rank, leftmost first, until none is left.
///
/// Short words scan their pairs; long ones keep them in a heap, so that a word of n bytes costs
/// O(n log n) whatever it holds.
struct WordMerger {
    /// Above this many tokens a heap is faster than a scan (and the scan is quadratic).
    private static let longestScan = 24
    private static let noMerge = UInt64.max

    private let merges: PairTable
    private var ids: [Int32] = []
    private var ranks: [UInt64] = []

    /// Values of `merges` are the rank in the high half and the resulting id in the low half.
    init(merges: PairTable) { self.merges = merges }

    /// Appends to `output` what `word` merges to.
    mutating func merge(_ word: [Int32], into output: inout [Int32]) {
        if word.count > Self.longestScan {
            output.append(contentsOf: mergedByHeap(word))
        } else if word.count > 1 {
            mergeByScan(word, into: &output)
        } else {
            output.append(contentsOf: word)
        }
    }

    @inline(__always)
    private func merge(of left: Int32, _ right: Int32) -> UInt64 {
        merges.value(UInt32(bitPattern: left), UInt32(bitPattern: right)) ?? Self.noMerge
    }

    private mutating func mergeByScan(_ word: [Int32], into output: inout [Int32]) {
        ids.removeAll(keepingCapacity: true)
        ids.append(contentsOf: word)
        ranks.removeAll(keepingCapacity: true)
        for index in 0..<ids.count - 1 { ranks.append(merge(of: ids[index], ids[index + 1])) }
        while true {
            var best = Self.noMerge
            var place = 0
            for index in 0..<ranks.count where ranks[index] < best {
                best = ranks[index]
                place = index
            }
            guard best != Self.noMerge else { break }
            ids[place] = Int32(truncatingIfNeeded: best & 0xFFFF_FFFF)
            ids.remove(at: place + 1)
            ranks.remove(at: place)
            if place > 0 { ranks[place - 1] = merge(of: ids[place - 1], ids[place]) }
            if place < ranks.count { ranks[place] = merge(of: ids[place], ids[place + 1]) }
        }
        output.append(contentsOf: ids)
    }

    // MARK: Long words

    /// A token of the word as a linked list; `id` is -1 once it is merged into its left neighbour.
    private struct Link {
        var id: Int32
        var previous: Int32
        var next: Int32
    }

    private func mergedByHeap(_ word: [Int32]) -> [Int32] {
        var links = word.enumerated().map { index, id in
            let isLast = index == word.count - 1
            return Link(id: id, previous: Int32(index - 1), next: isLast ? -1 : Int32(index + 1))
        }
        var heap = MergeHeap()
        for index in 0..<word.count - 1 {
            heap.push(merge(of: word[index], word[index + 1]), at: Int32(index))
        }
        while let (candidate, place) = heap.pop() {
            let link = links[Int(place)]
            // The pair may have changed since it was pushed: then it is no longer this merge.
            guard link.id >= 0, link.next >= 0,
                merge(of: link.id, links[Int(link.next)].id) == candidate
            else { continue }
            let following = links[Int(link.next)].next
            links[Int(link.next)].id = -1
            links[Int(place)].id = Int32(truncatingIfNeeded: candidate & 0xFFFF_FFFF)
            links[Int(place)].next = following
            let merged = links[Int(place)]
            if following >= 0 {
                links[Int(following)].previous = place
                heap.push(merge(of: merged.id, links[Int(following)].id), at: place)
            }
            if merged.previous >= 0 {
                let before = links[Int(merged.previous)].id
                heap.push(merge(of: before, merged.id), at: merged.previous)
            }
        }
        return links.lazy.map(\.id).filter { $0 >= 0 }
    }
}

/// The merges of a word waiting to be done, lowest rank first, leftmost among equals.
private struct MergeHeap {
    private var entries: [(merge: UInt64, place: Int32)] = []

    mutating func push(_ merge: UInt64, at place: Int32) {
        guard merge != .max else { return }
        entries.append((merge, place))
        var child = entries.count - 1
        while child > 0, entries[child] < entries[(child - 1) / 2] {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> (merge: UInt64, place: Int32)? {
        guard let top = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return top }
        entries[0] = last
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < entries.count else { return top }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entries[parent] else { return top }
            entries.swapAt(child, parent)
            parent = child
        }
    }
}
