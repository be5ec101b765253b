import Domain
import Foundation

/// Listwise preference optimisation with LambdaRank weights.
struct LiPOLambda: GroupObjective {
    static let name = "lipo_lambda"
    static let summary =
        "Logistic loss on all ordered pairs of a group, weighted as in "
        + "LambdaRank."
    static let source = "Liu et al. 2024, arXiv 2402.01878"
    static let requirements = DataRequirements(
        .groups,
        [.referenceLogprobs, .reward],
        minimumGroupSize: 2
    )
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.05,
            "How strongly the policy is held to the reference."
        )
    ]

    private let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    func loss(_ group: GroupView) throws(HoneError) -> Dual {
        let scores = try scaledLogRatios(group, beta)
        let discounts = Self.discounts(scores.map { $0.value })
        return group.orderedPairs.reduce(Dual(0)) { sum, pair in
            let gain = exp2(group.rewards[pair.better]) - exp2(group.rewards[pair.worse])
            let weight = gain * abs(discounts[pair.better] - discounts[pair.worse])
            return sum + weight * softplus(scores[pair.worse] - scores[pair.better])
        }
    }

    /// `1 / log(1 + rank)`, the best score having rank 1.
    ///
    /// Ranks are a permutation: equal scores, as all are at the reference, stand in the group's order,
    /// or nothing could be learned from there.
    private static func discounts(_ scores: [Double]) -> [Double] {
        let order = scores.indices.sorted {
            scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
        }
        var discounts = scores
        for (place, index) in order.enumerated() { discounts[index] = 1 / log(Double(place + 2)) }
        return discounts
    }
}

/// `β(L - R)` of each completion of a group.
func scaledLogRatios(_ group: GroupView, _ beta: Double) throws(HoneError) -> [Dual] {
    var result: [Dual] = []
    for completion in group.completions { result.append(beta * (try completion.logRatio)) }
    return result
}
