import Statistics
public import Store

/// One annotator's verdicts beside those of others on the same completions, and beside what is known.
public struct AnnotatorAgreement: Sendable, Hashable {
    /// Who.
    public var annotator: String
    /// Comparisons that they judged.
    public var verdicts = 0
    /// Verdicts by others on the same two completions, ties left out.
    public var shared = 0
    /// Those of them that say the same.
    public var agreed = 0
    /// Verdicts on comparisons whose answer is known, ties left out.
    public var gold = 0
    /// Those of them that are right.
    public var goldRight = 0
    /// How often they are right, estimated from all of it.
    public var reliability = AnnotatorModel.priorRate

    /// Agreement from comparisons, by annotator.
    public static func list(_ comparisons: [StoredComparison]) -> [AnnotatorAgreement] {
        var found: [String: AnnotatorAgreement] = [:]
        let pairs = Dictionary(grouping: comparisons) { [$0.low, $0.high] }
        for group in pairs.values {
            for one in group {
                guard let name = one.annotator else { continue }
                found[name, default: AnnotatorAgreement(annotator: name)].add(one, beside: group)
            }
        }
        let model = AnnotatorModel(comparisons)
        return found.values.sorted { $0.annotator < $1.annotator }.map { entry in
            var entry = entry
            entry.reliability = model.rate(of: entry.annotator)
            return entry
        }
    }

    private mutating func add(_ one: StoredComparison, beside group: [StoredComparison]) {
        verdicts += 1
        guard let mine = one.prefersLow else { return }
        if let truth = one.lowIsBetter {
            gold += 1
            if mine == truth { goldRight += 1 }
        }
        for other in group where other.annotator != one.annotator {
            guard let theirs = other.prefersLow else { continue }
            shared += 1
            if mine == theirs { agreed += 1 }
        }
    }
}

extension AnnotatorModel {
    /// How often annotators are right, by comparisons as they are stored.
    init(_ comparisons: [StoredComparison]) {
        var places: [[Int]: Int] = [:]
        var truths: [Int: Bool] = [:]
        let votes = comparisons.compactMap { one -> Vote? in
            let item = places[[one.low, one.high]] ?? places.count
            places[[one.low, one.high]] = item
            if let truth = one.lowIsBetter { truths[item] = truth }
            return one.prefersLow.map {
                Vote(annotator: one.annotator, item: item, isFirst: $0, strength: one.strength)
            }
        }
        self.init(votes, truths: truths)
    }
}
