import Domain
import Foundation

/// Whether, or how often, a pattern is found in a completion.
struct RegexReward: Reward {
    static let name = "regex"
    static let summary = "A score for completions in which a regular expression is found."
    static let parameters = [
        ParameterDescription(
            "pattern",
            .string,
            default: nil,
            "The regular expression (ICU syntax), searched for anywhere in the completion."
        ),
        ParameterDescription(
            "match",
            .number(.any),
            default: 1,
            "The score where the pattern is found."
        ),
        ParameterDescription(
            "otherwise",
            .number(.any),
            default: 0,
            "The score where it is not found."
        ),
        ParameterDescription(
            "count",
            .choice(["once", "every"]),
            default: "once",
            "Whether the first find counts alone, or every one that does not overlap another."
        ),
        ParameterDescription(
            "ignore_case",
            .bool,
            default: false,
            "Whether A and a are the same."
        ),
        ParameterDescription(
            "maximum_characters",
            .integer(1...10_000_000),
            default: 65_536,
            "Longer completions are unscored, to bound the work."
        ),
    ]

    private let expression: NSRegularExpression
    private let match: Double
    private let otherwise: Double
    private let countsEvery: Bool
    private let maximumCharacters: Int

    init(_ parameters: ParameterValues, files: [String: String], path: String) throws(Faults) {
        let ignoresCase = parameters.bool("ignore_case")
        let options: NSRegularExpression.Options = ignoresCase ? [.caseInsensitive] : []
        let pattern = parameters.string("pattern")
        guard let made = try? NSRegularExpression(pattern: pattern, options: options) else {
            let message = "is not a valid regular expression: \"\(pattern)\""
            throw Faults([Fault(path: "\(path).pattern", message: message)])
        }
        expression = made
        match = parameters.number("match")
        otherwise = parameters.number("otherwise")
        countsEvery = parameters.string("count") == "every"
        maximumCharacters = parameters.integer("maximum_characters")
    }

    func score(_ input: RewardInput) -> RewardScore {
        let text = input.completion
        guard text.utf16.count <= maximumCharacters else {
            let reason = "the completion is longer than \(maximumCharacters) characters"
            return RewardScore(unscored: reason)
        }
        guard let count = finds(in: text) else {
            return RewardScore(unscored: "the pattern takes too many steps on this completion")
        }
        if count == 0 { return RewardScore(otherwise) }
        return RewardScore(countsEvery ? Double(count) * match : match)
    }

    /// The number of finds (at most 1 unless every one counts); `nil` when the search was given up.
    ///
    /// The engine backtracks, so that a pattern such as `(a+)+$` can take exponential time. It
    /// reports progress every few thousand steps; after enough reports the search is stopped.
    private func finds(in text: String) -> Int? {
        var (count, reports) = (0, 0)
        let whole = NSRange(text.startIndex..., in: text)
        expression.enumerateMatches(in: text, options: [.reportProgress], range: whole) {
            result,
            _,
            stop in
            if result == nil { reports += 1 } else { count += 1 }
            if reports > Self.maximumReports || (count == 1 && !countsEvery) { stop.pointee = true }
        }
        return reports > Self.maximumReports ? nil : count
    }

    private static let maximumReports = 1000
}
