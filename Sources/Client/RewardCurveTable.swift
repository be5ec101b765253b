public import APITypes

/// A run's over-optimisation curves as a person reads them.
public enum RewardCurveTable {
    /// One line a reward; empty without curves.
    public static func text(_ curves: [RewardCurveObject]) -> String {
        guard !curves.isEmpty else { return "" }
        var table = TextTable([
            "reward over d = √KL", "start", "alpha", "beta", "R²", "d now", "slope now",
            "peak at d",
            "peak",
        ])
        for curve in curves {
            table.add(
                [curve.reward]
                    + [
                        curve.start, curve.alpha, curve.beta, curve.determination, curve.distance,
                        curve.slope,
                    ].map { IterationTable.number($0, 3) } + peak(curve)
            )
        }
        return ([table.text] + warnings(curves)).joined(separator: "\n")
    }

    /// Where the curve is highest and the reward there; a curve that was measured over a tenth of the way
    /// or less says no more than that it is far.
    private static func peak(_ curve: RewardCurveObject) -> [String] {
        guard let distance = curve.peakDistance, distance <= 10 * max(curve.distance, 1) else {
            return [curve.peakDistance == nil ? "" : "far", ""]
        }
        return [distance, curve.peakReward].map { IterationTable.number($0, 3) }
    }

    /// The sign of over-optimisation: what is trained on still rises while another reward falls.
    private static func warnings(_ curves: [RewardCurveObject]) -> [String] {
        guard let trained = curves.first(where: { $0.reward == "reward" }), trained.slope > 0 else {
            return []
        }
        return curves.filter { $0.reward != "reward" && $0.slope < 0 }.map {
            "\($0.reward) falls while the trained reward rises: the run is past its best for it"
        }
    }
}
