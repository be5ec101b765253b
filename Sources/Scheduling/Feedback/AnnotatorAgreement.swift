public import Store

/// One annotator's verdicts beside those of others on the same completions.
public struct AnnotatorAgreement: Sendable, Hashable {
    /// Who.
    public var annotator: String
    /// Comparisons that they judged.
    public var verdicts: Int
    /// Verdicts by others on the same two completions, ties left out.
    public var shared: Int
    /// Those of them that say the same.
    public var agreed: Int

    /// The share of agreement, shrunk to 0.8 as if ten had been seen before: what a verdict is worth
    /// as long as little is known of the annotator.
    public var reliability: Double { (Double(agreed) + 8) / (Double(shared) + 10) }

    /// Agreement from comparisons, by annotator.
    public static func list(_ comparisons: [StoredComparison]) -> [AnnotatorAgreement] {
        var found: [String: AnnotatorAgreement] = [:]
        let pairs = Dictionary(grouping: comparisons) { [$0.low, $0.high] }
        for group in pairs.values {
            for one in group {
                guard let name = one.annotator else { continue }
                var entry =
                    found[name]
                    ?? AnnotatorAgreement(annotator: name, verdicts: 0, shared: 0, agreed: 0)
                entry.verdicts += 1
                for other in group where other.annotator != name {
                    guard let mine = one.prefersLow, let theirs = other.prefersLow else { continue }
                    entry.shared += 1
                    if mine == theirs { entry.agreed += 1 }
                }
                found[name] = entry
            }
        }
        return found.values.sorted { $0.annotator < $1.annotator }
    }
}
