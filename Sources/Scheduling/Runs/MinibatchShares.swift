import Domain
import Store

/// How many elements of a full minibatch are the iteration's own, a file's and earlier iterations'.
struct MinibatchShares: Sendable, Hashable {
    /// The iteration's own; at least 1.
    let own: Int
    /// Of the file that an online run learns from beside its own.
    let offline: Int
    /// Of earlier iterations.
    let replay: Int

    init(_ spec: RunSpec) {
        let size = max(1, spec.minibatchSize)
        func part(_ share: Double?) -> Int {
            share.map { max(1, Int((Double(size) * $0).rounded())) } ?? 0
        }
        offline = part(spec.mix?.offline?.share)
        replay = part(spec.mix?.replay?.share)
        own = max(1, size - offline - replay)
    }
}

extension Lessons {
    /// The places of the iteration's own elements.
    var own: Range<Int> { 0..<elements.count - offline.count - replay.count }

    /// The iteration's own elements in a full minibatch, which has them in place of replayed ones
    /// while there are none.
    func ownShare(_ shares: MinibatchShares) -> Int {
        shares.own + (replay.isEmpty ? shares.replay : 0)
            + (offline.isEmpty ? shares.offline : 0)
    }

    /// The elements of a step of an online run: its share of each part.
    ///
    /// - Parameters:
    ///   - step: counted from 0 over all passes of the iteration.
    ///   - iteration: from 1.
    ///   - version: optimizer steps of the run before, which have taken the file's elements up to
    ///     here.
    ///   - shares: of a full minibatch; a smaller one has proportionally less.
    ///   - plan: chooses them.
    /// - Returns: places in `elements`, each once.
    func minibatch(
        step: Int,
        iteration: Int,
        version: Int,
        _ shares: MinibatchShares,
        _ plan: BatchPlan
    ) -> [Int] {
        let share = ownShare(shares)
        let chosen = plan.minibatch(
            step: step,
            place: iteration,
            of: own.count,
            size: share,
            in: order
        )
        func positions(_ part: Int, after steps: Int) -> Range<Int> {
            let count = (part * chosen.count + share - 1) / share
            return steps * part..<steps * part + count
        }
        var beside: [Int] = []
        if !offline.isEmpty {
            let taken = positions(shares.offline, after: version)
            beside += plan.offline(at: taken, of: offline.count).map { offline.lowerBound + $0 }
        }
        if !replay.isEmpty {
            let taken = positions(shares.replay, after: step)
            let places = plan.replayed(iteration: iteration, at: taken, of: replay.count)
            beside += places.map { replay.lowerBound + $0 }
        }
        var seen: Set<Int> = []
        return chosen + beside.filter { seen.insert($0).inserted }
    }

    /// Adds the elements of others behind its own.
    ///
    /// - Returns: their places.
    mutating func append(
        _ other: Lessons,
        where isWanted: (Element) -> Bool = { _ in true }
    )
        -> Range<Int>
    {
        let (start, offset) = (elements.count, members.count)
        members += other.members
        for element in other.elements where isWanted(element) {
            elements.append(element.moved(by: offset))
        }
        return start..<elements.count
    }

    /// The highest reward of an element: of a pair's better completion, or of a group's.
    func reward(of element: Element) -> Double? {
        switch element {
        case .sequence(let place): members[place].record.reward
        case .pair(let pair): members[pair.chosen].record.reward
        case .group(let group): group.compactMap { members[$0].record.reward }.max()
        }
    }
}

extension Lessons.Element {
    /// The same element among members that lie so many places further on.
    fileprivate func moved(by offset: Int) -> Self {
        switch self {
        case .sequence(let place): return .sequence(place + offset)
        case .group(let group):
            return .group(group.lowerBound + offset..<group.upperBound + offset)
        case .pair(var pair):
            pair.chosen += offset
            pair.rejected += offset
            pair.third = pair.third.map { $0 + offset }
            return .pair(pair)
        }
    }
}
