/// Two sorted lists of a batch's numbers, matched rank by rank (optimal transport on a line).
struct RankMatching: Sendable {
    private let own: [Double]
    private let other: [Double]
    private let otherWeights: [Double]

    /// Matches the list `own` of the batch's statistics with the list `other`.
    init(_ statistics: BatchStatistics, _ own: String, with other: String) {
        self.own = statistics.sorted(own)
        self.other = statistics.sorted(other)
        otherWeights = statistics.sortedWeights(other)
    }

    /// The mean of `loss` over the numbers matched with `number`, which stands in the own list.
    ///
    /// Equal numbers share their ranks: each is matched with all that the block of them is matched
    /// with. `loss` takes the other number and its element's weight.
    func mean(at number: Double, _ loss: (Double, Double) -> Dual) -> Dual {
        let first = rank { $0 < number }
        let block = first..<max(rank { $0 <= number }, first + 1)
        let ranks = block.clamped(to: 0..<other.count)
        // Nothing to be matched with: statistics of another batch.
        guard !ranks.isEmpty else { return Dual(.nan) }
        let sum = ranks.reduce(Dual(0)) { $0 + loss(other[$1], otherWeights[$1]) }
        return sum / Double(ranks.count)
    }

    /// How many numbers of the own list, from its start, hold the condition.
    private func rank(_ holds: (Double) -> Bool) -> Int {
        var (low, high) = (0, own.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(own[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
