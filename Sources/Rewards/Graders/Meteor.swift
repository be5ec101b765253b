import Foundation

/// METEOR with exact matches only: neither stems nor synonyms are known here.
///
/// Source: Banerjee & Lavie 2005, with the parameters of NLTK: alpha 0.9, beta 3, gamma 0.5.
enum Meteor {
    static func value(_ text: [String], _ reference: [String]) -> Double {
        let pairs = alignment(text, reference)
        guard !pairs.isEmpty else { return 0 }
        let matches = Double(pairs.count)
        let precision = matches / Double(text.count)
        let recall = matches / Double(reference.count)
        let mean = precision * recall / (0.9 * precision + 0.1 * recall)
        let penalty = 0.5 * pow(Double(chunks(pairs)) / matches, 3)
        return (1 - penalty) * mean
    }

    /// Equal words in pairs, each used once, from the ends as NLTK takes them.
    private static func alignment(_ text: [String], _ reference: [String]) -> [(Int, Int)] {
        var open: [String: [Int]] = [:]
        for (place, word) in reference.enumerated() { open[word, default: []].append(place) }
        var pairs: [(Int, Int)] = []
        for place in text.indices.reversed() {
            if let match = open[text[place]]?.popLast() { pairs.append((place, match)) }
        }
        return pairs.sorted { $0.0 < $1.0 }
    }

    /// Runs of pairs that follow each other on both sides.
    private static func chunks(_ pairs: [(Int, Int)]) -> Int {
        1
            + zip(pairs, pairs.dropFirst()).count { before, after in
                after.0 != before.0 + 1 || after.1 != before.1 + 1
            }
    }
}
