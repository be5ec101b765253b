public import Domain
import Models

extension RewardModel {
    /// For each group the matrix of P(i is better than j); 1/2 on the diagonal, and P(i, j) + P(j, i)
    /// is 1.
    ///
    /// A model that scores compares by the difference of its scores (Bradley–Terry). What is no finite
    /// number is NaN.
    public func compare(
        _ groups: [[RewardText]],
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [[[Double]]] {
        if case .pair(let settings)? = spec.head {
            return try comparePairs(groups, TextTemplate(settings.template), progress: progress)
        }
        var first = 0
        guard kind.compares else {
            let scores = try score(groups.flatMap { $0 }, progress: progress)
            return groups.map { group in
                defer { first += group.count }
                let own = scores[first..<first + group.count].map { $0.score ?? .nan }
                return matrix(group.count) { sigmoid(own[$0] - own[$1]) }
            }
        }
        let values = head.values(features(try tokens(groups.flatMap { $0 }), progress: progress))
        return groups.map { group in
            defer { first += group.count }
            let own = Array(values[first..<first + group.count])
            return matrix(group.count) { sigmoid(logOdds(own[$0], own[$1])) }
        }
    }

    /// The log-odds that one text is better than another, of the head's numbers.
    func logOdds(_ left: [Double], _ right: [Double]) -> Double {
        switch spec.head {
        case .preference(let settings): PreferenceForm(settings: settings).score(left, right)
        case .ensemble: (left.reduce(0, +) - right.reduce(0, +)) / Double(left.count)
        default: left[0] - right[0]
        }
    }

    /// Both orders of every pair are read, and averaged.
    private func comparePairs(
        _ groups: [[RewardText]],
        _ template: TextTemplate,
        progress: (Int) -> Void
    ) throws(HoneError) -> [[[Double]]] {
        var texts: [[Int32]] = []
        var index = 0
        for group in groups {
            for left in group.indices {
                for right in group.indices where right > left {
                    let (a, b) = (group[left], group[right])
                    texts.append(try tokens(a, b, template, index: index + left))
                    texts.append(try tokens(b, a, template, index: index + left))
                }
            }
            index += group.count
        }
        var values = head.values(features(texts, progress: progress)).map { $0[0] }[...]
        return groups.map { group in
            var upper: [[Double]] = Array(repeating: [], count: group.count)
            for left in group.indices {
                upper[left] = group.indices.map { right in
                    guard right > left else { return 0 }
                    let (forward, backward) = (values.removeFirst(), values.removeFirst())
                    return (sigmoid(forward) + sigmoid(-backward)) / 2
                }
            }
            return matrix(group.count) { upper[$0][$1] }
        }
    }

    /// A square matrix of the probabilities above its diagonal.
    private func matrix(_ count: Int, _ above: (Int, Int) -> Double) -> [[Double]] {
        var rows = Array(repeating: Array(repeating: 0.5, count: count), count: count)
        for left in 0..<count {
            for right in left + 1..<max(count, left + 1) {
                rows[left][right] = above(left, right)
                rows[right][left] = 1 - rows[left][right]
            }
        }
        return rows
    }
}
