import Domain

/// Bayesian reward-conditioned amortised inference: policy moved to the reward's posterior.
struct BRAIn: GroupObjective {
    static let name = "brain"
    static let summary =
        "Moves the policy's weights over a group towards the reward "
        + "posterior's."
    static let source = "Pandey et al. 2024, arXiv 2402.02479"
    static let traits: Set<ObjectiveTrait> = [.rewardShift]
    static let requirements = DataRequirements(
        .groups,
        [.referenceLogprobs, .oldLogprobs, .reward],
        minimumGroupSize: 2
    )
    static let stopsGradients = true
    static let trend = MetricTrend.falls("policy/posterior_gap")
    static let parameters = [
        ParameterDescription(
            "reward_temperature",
            .number(.positive),
            default: 1.0,
            "What rewards are divided by in the posterior."
        )
    ]

    private let rewardTemperature: Double

    init(_ parameters: ParameterValues) {
        rewardTemperature = parameters.number("reward_temperature")
    }

    func loss(_ group: GroupView) throws(HoneError) -> Dual {
        let gaps = try gaps(group.held)
        return zip(gaps, group.completions).reduce(Dual(0)) { $0 - $1.0 * $1.1.logprob }
    }

    /// How far the policy's weights over the group are from the posterior's: the sum of differences.
    func measures(_ group: GroupView) throws(HoneError) -> [(String, Double)] {
        [("policy/posterior_gap", try gaps(group).reduce(0) { $0 + abs($1) })]
    }

    /// The posterior's weights of the completions less the policy's.
    private func gaps(_ group: GroupView) throws(HoneError) -> [Double] {
        var (posterior, current): ([Double], [Double]) = ([], [])
        for (completion, reward) in zip(group.completions, group.rewards) {
            let proposal = try completion.sum(.oldLogprobs)
            let reference = try completion.sum(.referenceLogprobs)
            posterior.append(reference + reward / rewardTemperature - proposal)
            current.append(completion.logprob.value - proposal)
        }
        return zip(softmax(posterior), softmax(current)).map { $0 - $1 }
    }
}
