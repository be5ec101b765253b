import Domain

/// Noise contrastive alignment on scored groups.
struct NCAList: GroupObjective {
    static let name = "nca_list"
    static let summary = "Noise contrastive alignment on groups, with soft labels from rewards."
    static let source = "Chen et al. 2024, arXiv 2402.05369"
    static let traits: Set<ObjectiveTrait> = [.rewardShift]
    static let requirements = DataRequirements(
        .groups,
        [.referenceLogprobs, .reward],
        minimumGroupSize: 2
    )
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.01,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "inverse_temperature",
            .number(.nonNegative),
            default: 1.0,
            "What rewards are multiplied by before the softmax that makes them "
                + "labels."
        ),
    ]

    private let beta: Double
    private let inverseTemperature: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        inverseTemperature = parameters.number("inverse_temperature")
    }

    func loss(_ group: GroupView) throws(HoneError) -> Dual {
        let scores = try scaledLogRatios(group, beta)
        let labels = softmax(group.rewards.map { $0 * inverseTemperature })
        let share = 1 / Double(scores.count)
        return zip(labels, scores).reduce(Dual(0)) { sum, item in
            sum + item.0 * softplus(-item.1) + share * softplus(item.1)
        }
    }
}
