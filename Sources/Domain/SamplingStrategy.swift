/// How a request's completions are chosen.
public enum SamplingStrategy: Sendable, Hashable, Codable {
    /// As many as asked for are drawn.
    case sample
    /// Of so many drawn completions those of the highest rewards.
    case bestOf(candidates: Int)
    /// Of so many drawn completions as many as are accepted, each with probability
    /// exp((reward − highest reward left) / beta) (RSO, Liu et al. 2023, arXiv 2309.06657,
    /// algorithm 1).
    case rejection(candidates: Int, beta: Double)
    /// The most likely ones that a search of bounded width finds, by Σ log π / tokens^lengthPenalty.
    case beam(width: Int, lengthPenalty: Double)

    /// The strategies' names.
    public static let names = ["sample", "best_of_n", "rejection", "beam"]

    /// Whether completions are chosen by a reward.
    public var usesReward: Bool {
        switch self {
        case .bestOf, .rejection: true
        case .sample, .beam: false
        }
    }

    /// The most completions of a prompt that can be chosen; `nil`: any number.
    public var mostChosen: Int? {
        switch self {
        case .sample: nil
        case .bestOf(let candidates), .rejection(let candidates, _): candidates
        case .beam(let width, _): width
        }
    }
}
