import Foundation

/// How different completions are from one another.
public enum Diversity {
    /// Different n-grams as a share of all of them (Li and others 2016, arXiv 1510.03055).
    ///
    /// - Parameters:
    ///   - n: Length of the n-grams, at least 1.
    ///   - sequences: Tokens, or words.
    /// - Returns: `nil` when no sequence has n elements.
    public static func distinct<Element: Hashable>(_ n: Int, _ sequences: [[Element]]) -> Double? {
        var (seen, total): (Set<ArraySlice<Element>>, Int) = ([], 0)
        for sequence in sequences {
            for gram in grams(n, of: sequence) {
                seen.insert(gram)
                total += 1
            }
        }
        return total == 0 ? nil : Double(seen.count) / Double(total)
    }

    /// The mean BLEU-4 of each sequence against all others (Zhu and others 2018, arXiv 1802.01886); 1 when
    /// all are the same.
    ///
    /// - Returns: `nil` of fewer than two sequences, or when one of them is empty.
    public static func selfBLEU<Element: Hashable>(_ sequences: [[Element]]) -> Double? {
        guard sequences.count > 1, sequences.allSatisfy({ !$0.isEmpty }) else { return nil }
        return Sample.mean(
            sequences.indices.map { place in
                var others = sequences
                others.remove(at: place)
                return bleu(sequences[place], references: others)
            }
        )
    }

    /// BLEU-4 with equal weights and the brevity penalty against the nearest length.
    ///
    /// Papineni and others 2002; an n-gram precision of 0 counts as 0.1 matches (Chen and Cherry 2014, method 1).
    static func bleu<Element: Hashable>(
        _ candidate: [Element],
        references: [[Element]]
    ) -> Double {
        let logs = (1...4).map { n in
            let counts = counts(n, candidate)
            let limits = references.reduce(into: [ArraySlice<Element>: Int]()) {
                limits,
                reference in
                limits.merge(self.counts(n, reference), uniquingKeysWith: max)
            }
            let matches = counts.reduce(0) { $0 + min($1.value, limits[$1.key] ?? 0) }
            let total = max(1, candidate.count - n + 1)
            return log((matches == 0 ? 0.1 : Double(matches)) / Double(total))
        }
        let nearest =
            references.map(\.count).min {
                (abs($0 - candidate.count), $0) < (abs($1 - candidate.count), $1)
            } ?? 0
        let brevity =
            candidate.count > nearest ? 0 : 1 - Double(nearest) / Double(candidate.count)
        return exp(brevity + logs.reduce(0, +) / 4)
    }

    private static func counts<Element: Hashable>(
        _ n: Int,
        _ sequence: [Element]
    ) -> [ArraySlice<Element>: Int] {
        grams(n, of: sequence).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func grams<Element>(_ n: Int, of sequence: [Element]) -> [ArraySlice<Element>] {
        guard n > 0, sequence.count >= n else { return [] }
        return (0...(sequence.count - n)).map { sequence[$0..<($0 + n)] }
    }
}
