/// Hands out runs of cache rows, the first that is long enough, and takes them back.
struct CacheRows {
    /// Rows there are.
    private(set) var capacity = 0
    /// Rows that are handed out.
    private(set) var used = 0
    /// In ascending order, none empty, no two of them adjacent.
    private var free: [Range<Int>] = []

    /// A run of `count` rows; `nil` when no free run is as long.
    mutating func take(_ count: Int) -> Range<Int>? {
        precondition(count > 0)
        guard let index = free.firstIndex(where: { $0.count >= count }) else { return nil }
        let run = free[index].lowerBound..<free[index].lowerBound + count
        if free[index].count == count {
            free.remove(at: index)
        } else {
            free[index] = run.upperBound..<free[index].upperBound
        }
        used += count
        return run
    }

    /// Takes back rows that were handed out: a run or a part of one.
    mutating func release(_ run: Range<Int>) {
        if run.isEmpty { return }
        used -= run.count
        add(run)
    }

    /// Adds rows behind the last.
    mutating func grow(to newCapacity: Int) {
        guard newCapacity > capacity else { return }
        add(capacity..<newCapacity)
        capacity = newCapacity
    }

    /// Free rows at the end, which growth makes longer.
    var freeAtEnd: Int {
        guard let last = free.last, last.upperBound == capacity else { return 0 }
        return last.count
    }

    /// The rows that are handed out, as runs in ascending order.
    var taken: [Range<Int>] {
        let starts = [0] + free.map(\.upperBound)
        let ends = free.map(\.lowerBound) + [capacity]
        return zip(starts, ends).filter { $0 < $1 }.map { $0..<$1 }
    }

    private mutating func add(_ run: Range<Int>) {
        var run = run
        var index = free.firstIndex { $0.lowerBound >= run.upperBound } ?? free.count
        precondition(index == 0 || free[index - 1].upperBound <= run.lowerBound, "released twice")
        if index < free.count, free[index].lowerBound == run.upperBound {
            run = run.lowerBound..<free.remove(at: index).upperBound
        }
        if index > 0, free[index - 1].upperBound == run.lowerBound {
            index -= 1
            run = free.remove(at: index).lowerBound..<run.upperBound
        }
        free.insert(run, at: index)
    }
}
