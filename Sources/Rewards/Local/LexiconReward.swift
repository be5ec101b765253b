import Domain
import Foundation

/// The summed sentiment of the words of a completion that a lexicon lists.
struct LexiconReward: Reward {
    static let name = "lexicon"
    static let summary = "The sentiment of a completion's words by a lexicon in VADER's format."
    static let fileParameters = ["file"]
    static let parameters = [
        ParameterDescription(
            "file",
            .string,
            default: nil,
            "The lexicon: lines of word, tab, mean rating; further columns are ignored."
        ),
        ParameterDescription(
            "aggregate",
            .choice(["sum", "mean"]),
            default: "sum",
            "Whether the ratings of the words found are summed or averaged."
        ),
        ParameterDescription(
            "negation",
            .bool,
            default: false,
            "Whether a negation among the three words before turns a rating (times -0.74, as VADER)."
        ),
    ]

    private let lexicon: Lexicon
    private let averages: Bool
    private let negation: Bool

    init(_ parameters: ParameterValues, files: [String: String], path: String) throws(Faults) {
        let file = parameters.string("file")
        guard let text = files[file] else {
            throw Faults([Fault(path: "\(path).file", message: "was not loaded: \(file)")])
        }
        lexicon = try Lexicon(text, path: "\(path).file")
        averages = parameters.string("aggregate") == "mean"
        negation = parameters.bool("negation")
    }

    /// A completion in which no word is listed is neutral: 0, which is a score.
    func score(_ input: RewardInput) -> RewardScore {
        let ratings = lexicon.ratings(of: input.completion, negation: negation)
        let sum = ratings.reduce(0, +)
        return RewardScore(averages ? sum / Double(max(ratings.count, 1)) : sum)
    }
}
