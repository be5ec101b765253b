import Domain

/// The likelihood of the ranking under a Plackett-Luce model.
struct ListMLE: GroupObjective {
    static let name = "list_mle"
    static let summary = "Plackett-Luce likelihood of a group's ranking by reward."
    static let source = "Xia et al. 2008 (ListMLE); Liu et al. 2024 (LiPO), arXiv 2402.01878"
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
            default: 0.1,
            "How strongly the policy is held to the reference."
        )
    ]

    private let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    func loss(_ group: GroupView) throws(HoneError) -> Dual {
        let scores = try scaledLogRatios(group, beta)
        let rewards = group.rewards
        let order = scores.indices.sorted {
            rewards[$0] == rewards[$1] ? $0 < $1 : rewards[$0] > rewards[$1]
        }
        return order.indices.reduce(Dual(0)) { sum, rank in
            sum + logSumExp(order[rank...].map { scores[$0] }) - scores[order[rank]]
        }
    }
}
