import Domain

/// Which prompts an iteration samples and which elements a step learns from: pure functions of the
/// seed, so that the same spec gives the same bytes, killed or not.
struct BatchPlan: Sendable, Hashable {
    /// The most sequences sampled in one unit, unless one prompt's group has more.
    ///
    /// What is drawn does not depend on what it is drawn beside; the units follow from the spec alone so
    /// that a killed run finds whole ones.
    static let sequencesPerUnit = 96

    let seed: UInt64

    /// Keeps the random streams of one seed apart.
    private enum Stream: UInt64 {
        case prompts = 1, minibatches, holdout, partners
        // 5 is that of the stages before the loss.
        case thirds = 6
        case pairing, readingOrder, noise, offline, replay, successes, resets, questions
    }

    private func generator(_ stream: Stream, _ place: Int) -> PhiloxSequence {
        PhiloxSequence(
            seed: seed,
            stream: stream.rawValue << 56 | UInt64(truncatingIfNeeded: place)
        )
    }

    /// The prompts of one unit.
    static func promptsPerUnit(groupSize: Int) -> Int {
        max(1, sequencesPerUnit / max(1, groupSize))
    }

    /// The units that `count` prompts are sampled in.
    static func unitCount(prompts count: Int, groupSize: Int) -> Int {
        let size = promptsPerUnit(groupSize: groupSize)
        return (count + size - 1) / size
    }

    /// The places of a unit's prompts among `count`.
    static func places(ofUnit unit: Int, prompts count: Int, groupSize: Int) -> Range<Int> {
        let size = promptsPerUnit(groupSize: groupSize)
        let start = min(count, unit * size)
        return start..<min(count, start + size)
    }

    /// The prompts at some positions of a run: the list is gone through in shuffled passes, so that
    /// every prompt is used once before any is used again.
    ///
    /// - Parameters:
    ///   - positions: counted over the whole run.
    ///   - total: prompts in all.
    ///   - order: that of every pass; shuffled anew without.
    /// - Returns: for each position the index of its prompt and the number its draws are seeded by.
    func prompts(
        at positions: Range<Int>,
        of total: Int,
        in order: [Int]? = nil
    ) -> [(prompt: Int, stream: Int)] {
        zip(passes(.prompts, 0, at: positions, of: total, in: order), positions).map { ($0, $1) }
    }

    /// The elements at some positions of a list that is gone through in passes, again and again.
    private func passes(
        _ stream: Stream,
        _ place: Int,
        at positions: Range<Int>,
        of total: Int,
        in fixed: [Int]? = nil
    ) -> [Int] {
        guard total > 0 else { return [] }
        var orders: [Int: [Int]] = [:]
        return positions.map { position in
            let pass = position / total
            let order = fixed ?? orders[pass] ?? order(stream, place << 24 | pass, total)
            orders[pass] = order
            return order[position % total]
        }
    }

    /// Elements of a file for a step of a run, by how many were taken before.
    func offline(at positions: Range<Int>, of total: Int) -> [Int] {
        passes(.offline, 0, at: positions, of: total)
    }

    /// Elements of earlier iterations for a step of one.
    func replayed(iteration: Int, at positions: Range<Int>, of total: Int) -> [Int] {
        passes(.replay, iteration, at: positions, of: total)
    }

    private func order(_ stream: Stream, _ place: Int, _ count: Int) -> [Int] {
        var generator = generator(stream, place)
        return Array(0..<count).shuffled(using: &generator)
    }

    /// The steps of one pass over `count` elements.
    static func stepsPerPass(_ count: Int, minibatchSize: Int) -> Int {
        (count + minibatchSize - 1) / minibatchSize
    }

    /// The elements of a step: each pass is shuffled anew; its last minibatch may be smaller.
    ///
    /// - Parameters:
    ///   - step: counted from 0 over all passes.
    ///   - place: keeps the passes of different iterations apart.
    ///   - count: elements in all.
    ///   - size: elements of a full minibatch, at least 1.
    ///   - fixed: the order of every pass; shuffled anew without.
    /// - Returns: indices below `count`; empty when there are no elements.
    func minibatch(
        step: Int,
        place: Int,
        of count: Int,
        size: Int,
        in fixed: [Int]? = nil
    ) -> [Int] {
        let steps = Self.stepsPerPass(count, minibatchSize: size)
        guard steps > 0 else { return [] }
        let order = fixed ?? order(.minibatches, place << 24 | step / steps, count)
        let start = step % steps * size
        return Array(order[start..<min(count, start + size)])
    }

    /// One of the candidates: the third completion beside a prompt's pair.
    func third(iteration: Int, prompt: Int, among candidates: [Int]) -> Int? {
        var generator = generator(.thirds, iteration << 24 | prompt)
        return candidates.randomElement(using: &generator)
    }

    /// What the choices of a pairing rule in one group are drawn from.
    func pairing(iteration: Int, prompt: Int) -> PhiloxSequence {
        generator(.pairing, iteration << 24 | prompt)
    }

    /// What mistakes in the labels of one group's pairs are drawn from; 0 is a file's iteration.
    func noise(iteration: Int, prompt: Int) -> PhiloxSequence {
        generator(.noise, iteration << 24 | prompt)
    }

    /// What the stored success for one group is drawn from.
    func successes(iteration: Int, prompt: Int) -> PhiloxSequence {
        generator(.successes, iteration << 24 | prompt)
    }

    /// What the choice of an iteration's comparisons for people is drawn from.
    func questions(iteration: Int) -> PhiloxSequence { generator(.questions, iteration) }

    /// What the reset of the prompt at one position of the run is drawn from.
    func reset(position: Int) -> PhiloxSequence { generator(.resets, position) }

    /// Whether the two sides of a pair change places before they are read together.
    func isSwapped(pair: Int) -> Bool {
        var generator = generator(.readingOrder, pair)
        return Bool.random(using: &generator)
    }

    /// Which of `count` elements are held out: `share` of them, at least one when there are two.
    func holdout(share: Double, of count: Int) -> Set<Int> {
        guard share > 0, count > 1 else { return [] }
        let size = min(count - 1, max(1, Int((Double(count) * share).rounded())))
        return Set(order(.holdout, 0, count).prefix(size))
    }

    /// Pairs (better, worse) of one group's elements whose ratings differ by `margin` or more.
    ///
    /// Each element looks for at most `limit` partners among the later ones: all of them in a small
    /// group, random ones in a large group. Equal ratings never pair.
    func ratedPairs(
        ratings: [Double],
        groups: [String],
        among candidates: [Int],
        margin: Double,
        limit: Int
    ) -> [(chosen: Int, rejected: Int)] {
        let members = Dictionary(grouping: candidates) { groups[$0] }
        var pairs: [(chosen: Int, rejected: Int)] = []
        for group in members.keys.sorted() {
            let members = members[group] ?? []
            for place in members.indices {
                let first = members[place]
                for second in partners(of: place, members, ratings, margin, limit) {
                    let isBetter = ratings[first] > ratings[second]
                    pairs.append(isBetter ? (first, second) : (second, first))
                }
            }
        }
        return pairs
    }

    private func partners(
        of place: Int,
        _ members: [Int],
        _ ratings: [Double],
        _ margin: Double,
        _ limit: Int
    ) -> [Int] {
        let rating = ratings[members[place]]
        func differs(_ other: Int) -> Bool {
            ratings[other] != rating && abs(ratings[other] - rating) >= margin
        }
        var generator = generator(.partners, members[place])
        let later = members[(place + 1)...]
        if members.count <= 4 * limit {
            let found = later.filter(differs)
            return found.count <= limit
                ? found : Array(found.shuffled(using: &generator).prefix(limit))
        }
        var found: [Int] = []
        for _ in 0..<(4 * limit) where found.count < limit {
            guard let other = later.randomElement(using: &generator) else { break }
            if differs(other) && !found.contains(other) { found.append(other) }
        }
        return found
    }
}
