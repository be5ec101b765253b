import Domain
import Foundation

/// Word ratings in VADER's file format (Hutto & Gilbert 2014): `word<TAB>mean<TAB>…` lines.
struct Lexicon: Sendable {
    private var ratings: [String: Double] = [:]
    private var longestEntry = 1

    /// Reads the file's text, skipping blank lines.
    ///
    /// Throws the first ten malformed lines.
    init(_ text: String, path: String) throws(Faults) {
        var faults: [Fault] = []
        // `isNewline` also takes the two characters of a Windows line end as one.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() where line.contains(where: { !$0.isWhitespace }) {
            if !add(line), faults.count < 10 {
                let message = "line \(index + 1) must be a word, a tab and a number"
                faults.append(Fault(path: path, message: message))
            }
        }
        if ratings.isEmpty, faults.isEmpty {
            faults.append(Fault(path: path, message: "has no entries"))
        }
        if !faults.isEmpty { throw Faults(faults) }
    }

    /// The ratings found in `text`, in reading order.
    ///
    /// Text is lower-cased and split at white space. The longest entry that starts at a token
    /// wins (entries of several words); a token is looked up as it is (emoticons), then without
    /// the punctuation around it, then word by word.
    func ratings(of text: String, negation: Bool) -> [Double] {
        let tokens = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        let trimmed = tokens.map { $0.trimmingCharacters(in: .punctuationCharacters) }
        var found: [Double] = []
        var index = 0
        while index < tokens.count {
            let (ratings, length) = match(tokens, trimmed, at: index)
            let turned = negation && isNegated(trimmed, before: index)
            found += turned ? ratings.map { $0 * -0.74 } : ratings
            index += length
        }
        return found
    }

    private func match(_ tokens: [String], _ trimmed: [String], at index: Int) -> ([Double], Int) {
        for length in stride(from: min(longestEntry, tokens.count - index), to: 1, by: -1) {
            let range = index..<index + length
            for candidate in [tokens[range], trimmed[range]] {
                if let rating = ratings[candidate.joined(separator: " ")] {
                    return ([rating], length)
                }
            }
        }
        if let rating = ratings[tokens[index]] ?? ratings[trimmed[index]] { return ([rating], 1) }
        let words = trimmed[index].split { !($0.isLetter || $0.isNumber || $0 == "'") }
        return (words.count > 1 ? words.compactMap { ratings[String($0)] } : [], 1)
    }

    private func isNegated(_ words: [String], before index: Int) -> Bool {
        words[max(0, index - 3)..<index].contains {
            Self.negations.contains($0) || $0.hasSuffix("n't")
        }
    }

    /// Entries in lower case win over others that only differ in case.
    private mutating func add(_ line: Substring) -> Bool {
        let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard columns.count >= 2,
            let mean = Double(columns[1].trimmingCharacters(in: .whitespaces)), mean.isFinite
        else { return false }
        let words = columns[0].split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty else { return false }
        let entry = words.joined(separator: " ")
        let key = entry.lowercased()
        if key == entry || ratings[key] == nil { ratings[key] = mean }
        longestEntry = max(longestEntry, words.count)
        return true
    }

    private static let negations: Set<String> = [
        "not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "nowhere", "cannot",
        "without", "rarely", "seldom", "hardly", "barely",
    ]
}
