import Domain
import Statistics
import Store

/// What verdicts say of stored completions: pairs, and scores within their groups.
///
/// A pure function of the verdicts that an iteration learns from, and of how often each annotator is
/// right.
struct HumanLabels: Sendable {
    /// A better and a worse completion, and how sure that is.
    struct Pair: Sendable, Hashable {
        var chosen: Int
        var rejected: Int
        /// The mean strength for the chosen one: 1 where all were sure and of one mind.
        var margin: Double?
        /// The probability that it is truly the better one, by how often those who say so are right.
        var probability = 1.0

        /// Both, the one with the lower id first.
        var sides: [Int] { [min(chosen, rejected), max(chosen, rejected)] }
    }

    /// Each pair once, in the order of the verdicts; those that are contradicted as much as they are
    /// confirmed are left out.
    private(set) var pairs: [Pair] = []
    /// By rollout id the mean win rate, else the mean of its ratings, else the share of those who found
    /// it good.
    ///
    /// Each word counts as much as its annotator's is worth.
    private(set) var scores: [Int: Double] = [:]

    /// What verdicts say; `annotators` knows those who gave them.
    init(_ records: [FeedbackRecord], annotators: AnnotatorModel = AnnotatorModel()) {
        let comparisons = JudgedComparisons(records)
        pairs = Self.pairs(comparisons, annotators)
        scores = Self.scores(records, comparisons, annotators)
    }

    /// How probable it is that the chosen one of a pair, named by both ids, is truly the better one.
    static func certainty(_ pairs: [Pair]) -> [[Int]: Double] {
        Dictionary(pairs.map { ([$0.chosen, $0.rejected], $0.probability) }) { $1 }
    }

    private static func pairs(
        _ comparisons: JudgedComparisons,
        _ annotators: AnnotatorModel
    ) -> [Pair] {
        let votes = Dictionary(grouping: comparisons.votes, by: \.item)
        let model = annotators.judging(comparisons.votes)
        return comparisons.sides.enumerated().compactMap { item, sides in
            guard let found = votes[item], let odds = model[item], abs(odds) > 1e-12 else {
                return nil
            }
            var (first, second) = (0.0, 0.0)
            for vote in found {
                let weight = vote.strength * annotators.weight(of: vote.annotator)
                if vote.isFirst { first += weight } else { second += weight }
            }
            return Pair(
                chosen: odds > 0 ? sides.first : sides.second,
                rejected: odds > 0 ? sides.second : sides.first,
                margin: abs(first - second) / max(first + second, 1),
                probability: sigmoid(abs(odds))
            )
        }
    }

    private static func scores(
        _ records: [FeedbackRecord],
        _ comparisons: JudgedComparisons,
        _ annotators: AnnotatorModel
    ) -> [Int: Double] {
        var (wins, ratings, thumbs) = (Means(), Means(), Means())
        for vote in comparisons.votes {
            let sides = comparisons.sides[vote.item]
            let weight = annotators.weight(of: vote.annotator)
            let half = (vote.isFirst ? vote.strength : -vote.strength) / 2
            wins.add(0.5 + half, to: sides.first, weight)
            wins.add(0.5 - half, to: sides.second, weight)
        }
        for (sides, annotator, value) in comparisons.undecided {
            for id in sides { wins.add(value, to: id, annotators.weight(of: annotator)) }
        }
        for record in records {
            guard let id = record.content.subjects.first?.rollout, record.truth == nil else {
                continue
            }
            let weight = annotators.weight(of: record.content.annotator)
            let verdict = record.content.verdict
            switch verdict.kind {
            case .rating: verdict.value.doubleValue.map { ratings.add($0, to: id, weight) }
            case .binary: thumbs.add(verdict.value.boolValue == true ? 1 : 0, to: id, weight)
            default: break
            }
        }
        return thumbs.values.merging(ratings.values) { $1 }.merging(wins.values) { $1 }
    }

    /// Weighted means by rollout id; what only guessers judged has none.
    private struct Means {
        private var sums: [Int: (value: Double, weight: Double)] = [:]

        mutating func add(_ value: Double, to id: Int, _ weight: Double) {
            let old = sums[id] ?? (0, 0)
            sums[id] = (old.value + weight * value, old.weight + weight)
        }

        var values: [Int: Double] {
            sums.filter { $0.value.weight > 0 }.mapValues { $0.value / $0.weight }
        }
    }
}

/// The comparisons of two stored completions that verdicts make.
struct JudgedComparisons: Sendable {
    /// What was compared, each two completions once, in the order of the verdicts: the places are the
    /// votes' items.
    private(set) var sides: [(first: Int, second: Int)] = []
    /// Who preferred which.
    private(set) var votes: [AnnotatorModel.Vote] = []
    /// Verdicts that prefer neither: what each completion's share of a win is, by whom.
    private(set) var undecided: [(ids: [Int], annotator: String?, value: Double)] = []
    /// Items whose answer is known: whether the first side is the better one.
    private(set) var truths: [Int: Bool] = [:]
    private var places: [[Int]: Int] = [:]

    /// Those of pairwise and ranking verdicts on completions.
    ///
    /// `includesGold`: also those on comparisons whose answer is known, of which nothing is learned but
    /// how often their annotators are right.
    init(_ records: [FeedbackRecord], includesGold: Bool = false) {
        for record in records {
            if let truth = record.truth {
                if includesGold { add(record, truth: truth) }
            } else {
                add(record)
            }
        }
    }

    private mutating func add(_ record: FeedbackRecord, truth: Verdict.Choice? = nil) {
        let ids = record.content.subjects.compactMap(\.rollout)
        let (verdict, annotator) = (record.content.verdict, record.content.annotator)
        guard ids.count == record.content.subjects.count, ids.count >= 2 else { return }
        let strength = verdict.strength ?? 1
        switch (verdict.kind, verdict.choice) {
        case (.pairwise, .first?): prefer(ids[0], ids[1], strength, annotator)
        case (.pairwise, .second?): prefer(ids[1], ids[0], strength, annotator)
        case (.pairwise, .tie?): undecided.append((ids, annotator, 0.5))
        case (.pairwise, .bothBad?): undecided.append((ids, annotator, 0))
        case (.ranking, _): rank(ids, verdict, strength, annotator)
        default: break
        }
        if let truth, truth == .first || truth == .second {
            let item = item(ids[0], ids[1])
            truths[item] = (truth == .first) == (sides[item].first == ids[0])
        }
    }

    private mutating func rank(
        _ ids: [Int],
        _ verdict: Verdict,
        _ strength: Double,
        _ annotator: String?
    ) {
        let ranks = (verdict.value.arrayValue ?? []).compactMap(\.integerValue)
        guard ranks.count == ids.count else { return }
        for one in ids.indices {
            for other in ids.indices where one < other {
                if ranks[one] < ranks[other] {
                    prefer(ids[one], ids[other], strength, annotator)
                } else if ranks[one] > ranks[other] {
                    prefer(ids[other], ids[one], strength, annotator)
                } else {
                    undecided.append(([ids[one], ids[other]], annotator, 0.5))
                }
            }
        }
    }

    private mutating func prefer(
        _ better: Int,
        _ worse: Int,
        _ strength: Double,
        _ annotator: String?
    ) {
        let item = item(better, worse)
        let isFirst = sides[item].first == better
        votes.append(
            .init(annotator: annotator, item: item, isFirst: isFirst, strength: strength)
        )
    }

    private mutating func item(_ one: Int, _ other: Int) -> Int {
        let key = [min(one, other), max(one, other)]
        if let known = places[key] { return known }
        places[key] = sides.count
        sides.append((key[0], key[1]))
        return sides.count - 1
    }
}

extension AnnotatorModel {
    /// How often annotators are right, by all that they said.
    init(_ records: [FeedbackRecord]) {
        let comparisons = JudgedComparisons(records, includesGold: true)
        self.init(comparisons.votes, truths: comparisons.truths)
    }
}
