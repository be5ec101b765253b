import Foundation

/// How far two lists of numbers go together, from −1 to 1.
public enum Correlation {
    /// Pearson's: of the numbers themselves; `nil` of fewer than two, or where a list is constant.
    public static func pearson(_ left: [Double], _ right: [Double]) -> Double? {
        guard left.count == right.count, left.count > 1, let x = Sample.mean(left),
            let y = Sample.mean(right)
        else { return nil }
        var (both, xx, yy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(left, right) {
            both += (a - x) * (b - y)
            xx += (a - x) * (a - x)
            yy += (b - y) * (b - y)
        }
        guard xx > 0, yy > 0 else { return nil }
        return min(max(both / (xx.squareRoot() * yy.squareRoot()), -1), 1)
    }

    /// Spearman's: Pearson's of the ranks, equal numbers sharing the mean of theirs.
    public static func spearman(_ left: [Double], _ right: [Double]) -> Double? {
        guard left.count == right.count else { return nil }
        return pearson(ranks(left), ranks(right))
    }

    /// Kendall's τ-b: pairs in the same order less pairs in opposite order, ties accounted for
    /// (Kendall 1945), by sorting (Knight 1966).
    public static func kendall(_ left: [Double], _ right: [Double]) -> Double? {
        guard left.count == right.count, left.count > 1 else { return nil }
        let order = left.indices.sorted { (left[$0], right[$0]) < (left[$1], right[$1]) }
        let (x, y) = (order.map { left[$0] }, order.map { right[$0] })
        let all = pairs(x.count)
        let tiedBoth = tied(x.indices) { x[$0] == x[$1] && y[$0] == y[$1] }
        let tiedX = tied(x.indices) { x[$0] == x[$1] }
        var sorted = y
        let swaps = Double(sortCountingSwaps(&sorted))
        let tiedY = tied(sorted.indices) { sorted[$0] == sorted[$1] }
        let scale = (all - tiedX).squareRoot() * (all - tiedY).squareRoot()
        guard scale > 0 else { return nil }
        return min(max((all - tiedX - tiedY + tiedBoth - 2 * swaps) / scale, -1), 1)
    }

    /// Ranks from 1; equal numbers share the mean of theirs.
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var first = 0
        while first < order.count {
            var end = first + 1
            while end < order.count && values[order[end]] == values[order[first]] { end += 1 }
            for place in order[first..<end] { ranks[place] = Double(first + 1 + end) / 2 }
            first = end
        }
        return ranks
    }

    private static func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }

    /// Pairs within runs of equal neighbours.
    private static func tied(_ places: Range<Int>, _ areEqual: (Int, Int) -> Bool) -> Double {
        var (total, run) = (0.0, 1)
        for place in places.dropFirst() {
            if areEqual(place, place - 1) {
                run += 1
            } else {
                total += pairs(run)
                run = 1
            }
        }
        return total + pairs(run)
    }

    /// Merge sort; how many pairs stood in the wrong order.
    private static func sortCountingSwaps(_ values: inout [Double]) -> Int {
        var swaps = 0
        var width = 1
        var merged = values
        while width < values.count {
            for start in stride(from: 0, to: values.count, by: 2 * width) {
                let middle = min(start + width, values.count)
                let end = min(start + 2 * width, values.count)
                var (left, right) = (start, middle)
                for place in start..<end {
                    if left < middle && (right >= end || values[left] <= values[right]) {
                        merged[place] = values[left]
                        left += 1
                    } else {
                        merged[place] = values[right]
                        right += 1
                        swaps += middle - left
                    }
                }
            }
            swap(&values, &merged)
            width *= 2
        }
        return swaps
    }
}
