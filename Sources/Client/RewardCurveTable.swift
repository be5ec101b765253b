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
                        curve.slope, curve.peakDistance, curve.peakReward,
                    ].map { IterationTable.number($0, 3) }
            )
        }
        return ([table.text] + warnings(curves)).joined(separator: "\n")
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
