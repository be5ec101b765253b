import Domain

/// A language model that is asked which of two completions is better, or whether one is good.
///
/// What counts is not what it writes but how probable it holds the two verdicts.
/// Source: RLHFlow's pair preference model, arXiv 2405.07863, section 3.2; Zheng et al. 2023,
/// arXiv 2306.05685, section 3.4, for both orders of the sides.
public struct Judge: Sendable, Hashable {
    /// What it is asked.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Which of two completions of a prompt is better.
        case pairwise
        /// Whether one completion is good.
        case pointwise
    }

    /// What a pointwise verdict's number is.
    public enum Measure: String, Sendable, Hashable, CaseIterable {
        /// The probability of the first verdict among the two.
        case probability
        /// Its log-odds, without a limit.
        case logOdds = "log_odds"
    }

    /// Who judges.
    public let model: RewardSource.ModelNeed
    /// What it is asked.
    public let mode: Mode
    /// The two verdicts, the better one first: `A` (the first side) and `B`, or `Yes` and `No`.
    public let verdicts: [String]
    /// Whether the question is a user's turn of a conversation, or raw text; `nil`: a turn where the
    /// model has a chat template.
    public let isChat: Bool?
    let measure: Measure
    let template: TextTemplate
    let question: String

    /// The text that asks which of two completions is better.
    public func question(prompt: String, _ a: String, _ b: String) -> String {
        template.filled(["question": question, "prompt": prompt, "a": a, "b": b])
    }

    /// The text that asks whether a completion is good.
    public func question(prompt: String, completion: String) -> String {
        template.filled(["question": question, "prompt": prompt, "completion": completion])
    }

    /// The probability of the first verdict, the two together being 1.
    public func probability(_ first: Double, _ second: Double) -> Double {
        sigmoid(first - second)
    }

    /// The score of one completion from the verdicts' log-probabilities.
    public func score(_ first: Double, _ second: Double) -> RewardScore {
        RewardScore(measure == .logOdds ? first - second : sigmoid(first - second))
    }
}
