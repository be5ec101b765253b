import Domain

/// A completion's reward less that of the greedy completion.
struct GreedyBaseline: AdvantageEstimator {
    static let name = "greedy_baseline"
    static let aliases = ["remax"]
    static let summary = "Reward less the greedy completion's, held within a range."
    static let source = "Li et al. 2023 (ReMax), arXiv 2310.10505, algorithm 1, and its code"
    static let needsGreedy = true
    static let penaltyPlacement = PenaltyPlacement.advantage
    static let parameters = [
        ParameterDescription(
            "gamma",
            .number(.unit),
            default: 1,
            "What the advantage is worth one token before the last."
        ),
        ParameterDescription(
            "clip",
            .number(.positive),
            default: 5,
            "The largest size of the difference."
        ),
    ]

    private let gamma: Double
    private let clip: Double

    init(_ parameters: ParameterValues) {
        gamma = parameters.number("gamma")
        clip = parameters.number("clip")
    }

    func advantages(_ input: AdvantageInput) throws(HoneError) -> [Double] {
        guard let baseline = input.baseline else {
            throw HoneError(
                .invalidData,
                "greedy_baseline needs baseline, the greedy completion's reward",
                param: "baseline"
            )
        }
        var result: [Double] = []
        for (index, reward) in input.rewards.enumerated() {
            let difference = reward.map { $0 - baseline } ?? 0
            guard !difference.isNaN else {
                throw badAdvantage(Self.name, "completion \(index)", "rewards[\(index)]")
            }
            result.append(max(-clip, min(clip, difference)))
        }
        return result
    }

    /// `γ^(T - t)`: 1 on the last token.
    func profile(tokens count: Int) -> [Double] {
        var result = [Double](repeating: 1, count: count)
        for place in (0..<count).dropLast().reversed() { result[place] = gamma * result[place + 1] }
        return result
    }
}
