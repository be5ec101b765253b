public import Domain
public import Statistics
public import Store

/// How one held-out reward of a run went with the distance from the start, fitted.
public struct RewardCurve: Sendable, Hashable, Codable {
    /// The fewest measurements away from the start that a curve of two coefficients is fitted to.
    static let fewestPoints = 3

    /// `reward` for the trained one, else the name among `evaluation.rewards`.
    public var reward: String
    /// The fitted curve over √KL, √nat.
    public var fit: Overoptimisation
    /// The distance of the last measurement, √nat.
    public var distance: Double
    /// The curve's slope there: below 0 going further loses reward.
    public var slope: Double

    /// The curves of a run's measured rewards, the trained one first; those with too few measurements
    /// are left out.
    ///
    /// The KL is `evaluation/kl`, the mean log-ratio of held-out completions; measurements where it is
    /// not above 0 say nothing.
    public static func curves(_ iterations: [IterationRecord]) -> [RewardCurve] {
        guard let first = iterations.first?.metrics else { return [] }
        let trained = "evaluation/reward_mean"
        let others = first.keys.filter {
            $0.hasPrefix("evaluation/") && $0.hasSuffix("_mean") && $0 != trained
        }
        return ([trained] + others.sorted()).compactMap { name in
            guard let start = first[name] else { return nil }
            return RewardCurve(
                String(name.dropFirst("evaluation/".count).dropLast("_mean".count)),
                iterations.dropFirst().compactMap { iteration in
                    guard let kl = iteration.metrics["evaluation/kl"], kl > 0,
                        let reward = iteration.metrics[name]
                    else { return nil }
                    return (kl.squareRoot(), reward)
                },
                start: start
            )
        }
    }

    private init?(
        _ reward: String,
        _ points: [(distance: Double, reward: Double)],
        start: Double
    ) {
        guard points.count >= Self.fewestPoints, let last = points.last,
            let fit = Overoptimisation(points, start: start)
        else { return nil }
        self.reward = reward
        self.fit = fit
        distance = last.distance
        slope = fit.slope(at: last.distance)
    }
}

extension ControlPlane {
    /// The over-optimisation curves of a run's held-out rewards, as far as it has come.
    ///
    /// - Throws: `.unknownRun`.
    public func rewardCurves(_ run: String) async throws(HoneError) -> [RewardCurve] {
        RewardCurve.curves(try await metrics(run))
    }
}
