import Domain

/// Ranked lists: the best is chosen of all, the next of the rest, and so on.
struct PlackettLuce: GroupObjective {
    static let name = "plackett_luce"
    static let summary = "Trains a reward model's scores to order ranked lists of completions."
    static let source = "Plackett 1975; Zhu et al. 2023, arXiv 2301.11270, section 4"
    static let traits: Set<ObjectiveTrait> = [.rewardShift]
    static let requirements = DataRequirements(.groups, [.score, .reward], minimumGroupSize: 2)
    static let parameters = [
        ParameterDescription(
            "temperature",
            .number(.positive),
            default: 1,
            "What scores are divided by."
        ),
        ParameterDescription(
            "depth",
            .integer(1...1024),
            default: 1024,
            "How many choices count, from the best on; 1 is the best against all others."
        ),
    ]

    private let temperature: Double
    private let depth: Int

    init(_ parameters: ParameterValues) {
        temperature = parameters.number("temperature")
        depth = parameters.integer("depth")
    }

    func loss(_ group: GroupView) throws(HoneError) -> Dual {
        var scores: [Dual] = []
        for completion in group.completions { scores.append(try completion.score / temperature) }
        let rewards = group.rewards
        let order = scores.indices.sorted {
            rewards[$0] == rewards[$1] ? $0 < $1 : rewards[$0] > rewards[$1]
        }
        return order.indices.dropLast().prefix(depth).reduce(Dual(0)) { sum, rank in
            sum + logSumExp(order[rank...].map { scores[$0] }) - scores[order[rank]]
        }
    }
}
