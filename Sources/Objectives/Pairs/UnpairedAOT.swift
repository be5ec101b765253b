import Domain

/// Alignment by optimal transport without pairing: the sorted log-ratios of all chosen completions
/// against those of all rejected ones.
struct UnpairedAOT: PairObjective {
    static let name = "aot_unpaired"
    static let summary =
        "Raises the whole distribution of chosen log-ratios above that of the rejected ones."
    static let source = "Melnyk et al. 2024, arXiv 2406.05882, unpaired variant"
    static let requirements = DataRequirements(
        .pairs,
        [.referenceLogprobs],
        statistics: .differentiated
    )
    static let traits: Set<ObjectiveTrait> = [.referenceShift]
    static let parameters = AOT.parameters

    let beta: Double
    private let labelSmoothing: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        labelSmoothing = parameters.number("label_smoothing")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let (chosen, rejected) = (try pair.chosen.logRatio, try pair.rejected.logRatio)
        let own = pair.terms.weight
        // A pair without weight has no rank.
        guard own != 0 else { return 0 * (chosen - rejected) }
        let above = RankMatching(pair.statistics, "chosen", with: "rejected")
            .mean(at: chosen.value) { half(chosen - $0, own, $1) }
        let below = RankMatching(pair.statistics, "rejected", with: "chosen")
            .mean(at: rejected.value) { half($0 - rejected, own, $1) }
        return above + below
    }

    func statistics(of content: ObjectiveBatch.Content) throws(HoneError) -> BatchStatistics {
        var result = BatchStatistics()
        for pair in try views(of: content) where pair.terms.weight != 0 {
            let weight = pair.terms.weight
            result.collect("chosen", try pair.chosen.logRatio.value, weight: weight)
            result.collect("rejected", try pair.rejected.logRatio.value, weight: weight)
        }
        return result
    }

    /// One side's half of the loss of two matched numbers, with all of that side's derivative.
    ///
    /// Matched numbers mostly are of two pairs, and their loss has the mean of the two weights; what
    /// is returned is multiplied by the `own` one.
    private func half(_ margin: Dual, _ own: Double, _ other: Double) -> Dual {
        let loss = smoothedLogistic(beta * margin, labelSmoothing)
        return Dual(loss.value / 2, partials: loss.partials * ((own + other) / (2 * own)))
    }
}
