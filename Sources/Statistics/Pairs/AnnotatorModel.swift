import Domain
import Foundation

/// How often each annotator is right, and so how sure what several said of the same two texts is.
///
/// Source: Dawid & Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM
/// algorithm", with one rate an annotator, which is the same for both sides. The rate has a Beta(8, 2)
/// prior: an annotator of whom nothing is known is right in four of five cases. A rate is never below
/// one half, so that nobody's word is turned round.
public struct AnnotatorModel: Sendable, Hashable {
    /// One annotator's word on one item.
    public struct Vote: Sendable, Hashable {
        /// Who; `nil`: nobody known, whose rate is the prior's.
        public var annotator: String?
        /// What was judged.
        public var item: Int
        /// Whether the item's first side is the better one.
        public var isFirst: Bool
        /// How sure they say they are, in (0, 1].
        public var strength: Double

        /// A word on an item.
        public init(annotator: String?, item: Int, isFirst: Bool, strength: Double = 1) {
            (self.annotator, self.item, self.isFirst) = (annotator, item, isFirst)
            self.strength = strength
        }
    }

    /// The prior's rate.
    public static let priorRate = 0.8
    /// So many judgements the prior is worth.
    static let priorCount = 10.0
    private static let rates = 0.5...0.99
    private static let rounds = 500

    /// How often each annotator is right.
    public private(set) var rates: [String: Double] = [:]
    /// A model of nobody: every rate is the prior's.
    public init() {}

    /// Estimates rates and items from each other.
    ///
    /// - Parameters:
    ///   - votes: In any order.
    ///   - truths: Items whose answer is known: whether the first side is the better one.
    public init(_ votes: [Vote], truths: [Int: Bool] = [:]) {
        let items = Dictionary(grouping: votes, by: \.item)
        // What one person alone judged says nothing of how often they are right.
        let telling = votes.filter { vote in
            guard vote.annotator != nil else { return false }
            return truths[vote.item] != nil
                || (items[vote.item] ?? []).contains { $0.annotator != vote.annotator }
        }
        let byAnnotator = Dictionary(grouping: telling) { $0.annotator ?? "" }
        let shared = Set(telling.map(\.item))
        for _ in 0..<Self.rounds {
            let logOdds = judging(votes.filter { shared.contains($0.item) })
            var next: [String: Double] = [:]
            for (annotator, votes) in byAnnotator {
                let right = votes.reduce(0.0) { sum, vote in
                    let first =
                        truths[vote.item].map { $0 ? 1 : 0 } ?? sigmoid(logOdds[vote.item] ?? 0)
                    return sum + (vote.isFirst ? first : 1 - first)
                }
                let rate =
                    (right + Self.priorRate * Self.priorCount)
                    / (Double(votes.count) + Self.priorCount)
                next[annotator] = min(max(rate, Self.rates.lowerBound), Self.rates.upperBound)
            }
            let change = next.map { abs($1 - rate(of: $0)) }.max() ?? 0
            rates = next
            if change < 1e-9 { break }
        }
    }

    /// What votes come to, by how often those who gave them are right.
    ///
    /// - Returns: by item the logarithm of the odds that its first side is the better one.
    public func judging(_ votes: [Vote]) -> [Int: Double] {
        Dictionary(grouping: votes, by: \.item).mapValues(odds)
    }

    /// How often an annotator is right.
    public func rate(of annotator: String?) -> Double {
        annotator.flatMap { rates[$0] } ?? Self.priorRate
    }

    /// What an annotator's word is worth beside that of one of whom nothing is known: 0 of one who
    /// guesses, 1 of an unknown one.
    public func weight(of annotator: String?) -> Double {
        (2 * rate(of: annotator) - 1) / (2 * Self.priorRate - 1)
    }

    /// A vote of strength s by one who is right with p is right with 1/2 + s (p − 1/2).
    private func odds(_ votes: [Vote]) -> Double {
        votes.reduce(0) { sum, vote in
            let right = 0.5 + vote.strength * (rate(of: vote.annotator) - 0.5)
            let odds = log(right) - log(1 - right)
            return sum + (vote.isFirst ? odds : -odds)
        }
    }
}
