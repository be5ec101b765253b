import Foundation

/// Measures of how like two texts are, from 0 to 1.
public enum TextSimilarity: String, Sendable, Hashable, CaseIterable {
    case cosine
    case fuzzyMatch = "fuzzy_match"
    case bleu, gleu, meteor
    case rouge1 = "rouge_1"
    case rouge2 = "rouge_2"
    case rouge3 = "rouge_3"
    case rouge4 = "rouge_4"
    case rouge5 = "rouge_5"
    case rougeL = "rouge_l"

    /// How like a text is to a reference.
    public func value(_ text: String, _ reference: String) -> Double {
        switch self {
        case .cosine: Self.cosine(WordSplitter.words(text), WordSplitter.words(reference))
        case .fuzzyMatch: Self.fuzzy(Array(text.unicodeScalars), Array(reference.unicodeScalars))
        case .bleu: Self.bleu(WordSplitter.marked(text), WordSplitter.marked(reference))
        case .gleu: Self.gleu(WordSplitter.marked(text), WordSplitter.marked(reference))
        case .meteor:
            Meteor.value(
                WordSplitter.marked(text.lowercased()),
                WordSplitter.marked(reference.lowercased())
            )
        case .rouge1: Self.rouge(1, text, reference)
        case .rouge2: Self.rouge(2, text, reference)
        case .rouge3: Self.rouge(3, text, reference)
        case .rouge4: Self.rouge(4, text, reference)
        case .rouge5: Self.rouge(5, text, reference)
        case .rougeL: Self.rougeL(WordSplitter.words(text), WordSplitter.words(reference))
        }
    }

    /// Of the counts of their words.
    private static func cosine(_ text: [String], _ reference: [String]) -> Double {
        let (left, right) = (counts(text, 1), counts(reference, 1))
        let dot = left.reduce(0) { $0 + $1.value * (right[$1.key] ?? 0) }
        func length(_ counts: [[String]: Int]) -> Double {
            Double(counts.values.reduce(0) { $0 + $1 * $1 }).squareRoot()
        }
        let lengths = length(left) * length(right)
        return lengths > 0 ? Double(dot) / lengths : 0
    }

    /// Twice the common subsequence over both lengths, as rapidfuzz's `fuzz.ratio`.
    private static func fuzzy(_ text: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
        let total = text.count + reference.count
        return total == 0 ? 1 : Double(2 * commonLength(text, reference)) / Double(total)
    }

    /// Sentence BLEU up to 4-grams, smoothed exponentially, of the orders that there are.
    ///
    /// As sacrebleu's `sentence_bleu`: Papineni et al. 2002; Chen & Cherry 2014, method 3.
    private static func bleu(_ text: [String], _ reference: [String]) -> Double {
        guard !text.isEmpty, !reference.isEmpty else { return 0 }
        var (logs, orders, smoothing) = (0.0, 0.0, 1.0)
        var matchesAnything = false
        for order in 1...4 {
            let (common, total, _) = overlap(text, reference, order)
            guard total > 0 else { break }
            orders += 1
            if common > 0 {
                matchesAnything = true
                logs += log(Double(common) / Double(total))
            } else {
                smoothing *= 2
                logs += log(1 / (smoothing * Double(total)))
            }
        }
        guard matchesAnything else { return 0 }
        let penalty = min(0, 1 - Double(reference.count) / Double(text.count))
        return exp(penalty + logs / orders)
    }

    /// The lower of precision and recall of all 1- to 4-grams together.
    ///
    /// Source: Wu et al. 2016, arXiv 1609.08144, section 4.4.
    private static func gleu(_ text: [String], _ reference: [String]) -> Double {
        var (common, own, wanted) = (0, 0, 0)
        for order in 1...4 {
            let found = overlap(text, reference, order)
            (common, own, wanted) = (common + found.0, own + found.1, wanted + found.2)
        }
        let larger = max(own, wanted)
        return larger == 0 ? 0 : Double(common) / Double(larger)
    }

    /// The F measure of common n-grams (Lin 2004), as in Google's `rouge-score`.
    private static func rouge(_ order: Int, _ text: String, _ reference: String) -> Double {
        let (left, right) = (WordSplitter.words(text), WordSplitter.words(reference))
        let (common, own, wanted) = overlap(left, right, order)
        return harmonic(common, own, wanted)
    }

    private static func rougeL(_ text: [String], _ reference: [String]) -> Double {
        harmonic(commonLength(text, reference), text.count, reference.count)
    }

    private static func harmonic(_ common: Int, _ own: Int, _ wanted: Int) -> Double {
        guard common > 0, own > 0, wanted > 0 else { return 0 }
        let (precision, recall) = (
            Double(common) / Double(own), Double(common) / Double(wanted)
        )
        return 2 * precision * recall / (precision + recall)
    }

    // MARK: - Counting

    private static func counts(_ words: [String], _ order: Int) -> [[String]: Int] {
        guard words.count >= order else { return [:] }
        return (0...words.count - order).reduce(into: [:]) { counts, start in
            counts[Array(words[start..<start + order]), default: 0] += 1
        }
    }

    /// Common n-grams, those of the text, those of the reference.
    private static func overlap(
        _ text: [String],
        _ reference: [String],
        _ order: Int
    ) -> (Int, Int, Int) {
        let (left, right) = (counts(text, order), counts(reference, order))
        let common = left.reduce(0) { $0 + min($1.value, right[$1.key] ?? 0) }
        return (common, max(0, text.count - order + 1), max(0, reference.count - order + 1))
    }

    /// The length of the longest common subsequence.
    private static func commonLength<Element: Equatable>(
        _ left: [Element],
        _ right: [Element]
    ) -> Int {
        var row = [Int](repeating: 0, count: right.count + 1)
        for element in left {
            var diagonal = 0
            for (place, other) in right.enumerated() {
                let above = row[place + 1]
                row[place + 1] = element == other ? diagonal + 1 : max(above, row[place])
                diagonal = above
            }
        }
        return row[right.count]
    }
}
