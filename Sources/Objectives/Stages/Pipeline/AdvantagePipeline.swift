public import Domain

/// From the rewards of an iteration to what its steps learn from: rewards are transformed, the KL is
/// taken off, credit laid on tokens, advantages made, completions filtered, advantages whitened.
///
/// A pure function of the iteration and of the metrics of those before. Filters keep completions
/// from being trained on; the statistics of their group see all that are scored.
public struct AdvantagePipeline: Sendable {
    /// In the order they are applied.
    public var rewards: [any RewardTransform] = []
    /// The KL in the reward; `nil` leaves it out.
    public var rewardKL: RewardKL?
    /// Lays rewards on tokens.
    public var credit: any CreditAssignment
    /// Whether the rewards that lie on tokens are standardised over all of them, their mean kept.
    public var whitensRewards = false
    /// Makes advantages; `nil` where the objective needs none.
    public var advantage: (any AdvantageEstimator)?
    /// In the order they are applied.
    public var filters: [any SampleFilter] = []
    /// Over all tokens that are trained.
    public var whitening = Whitening.none
    /// The largest size of an advantage, after whitening.
    public var advantageClip: Double?
    /// At most one for each target.
    public var controllers: [any StageController] = []
    /// The objective's own `kl_coefficient` and `entropy_coefficient`, which controllers begin with.
    public var coefficients: [ControllerTarget: Double] = [:]
    /// The fewest scored completions of a group that is learned from.
    public var minimumGroupSize: Int

    /// Terminal credit and nothing else but `advantage`; the rest is set by name.
    public init(advantage: (any AdvantageEstimator)?) {
        self.advantage = advantage
        credit = TerminalCredit()
        minimumGroupSize = advantage.map { type(of: $0).minimumGroupSize } ?? 1
    }

    /// The advantages of an iteration.
    ///
    /// - Throws: `invalidData` naming what is missing, `notANumber` for rewards of which no
    ///   advantage can be made.
    public func process(_ input: StageInput) throws(HoneError) -> StageOutput {
        let settings = settings(after: input.history)
        var metrics = Self.rolloutMetrics(input)
        for (target, value) in settings { metrics[StageMetric.setting(target)] = value }
        if needsGreedy, let place = input.groups.firstIndex(where: { $0.greedy == nil }) {
            throw HoneError(
                .invalidData,
                "groups[\(place)] has no greedy completion to compare with",
                param: "groups[\(place)].greedy"
            )
        }
        let outcomes = try outcomes(input, &metrics)
        let penalties = try penalties(input, settings[.klCoefficient])
        metrics[StageMetric.penalty] = Self.meanPenalty(penalties)
        var estimate = try estimate(input, outcomes, penalties)
        if let multiplier = settings[.multiplier] {
            estimate.constrain(try costs(input, outcomes, penalties), multiplier)
        }
        let kept = filtered(input, outcomes, estimate, &metrics)
        if advantage != nil { finish(&estimate, input, kept, &metrics) }
        return Self.output(outcomes.groups, estimate, kept, metrics.filter { $0.value.isFinite })
    }

    /// What the controllers have set for the iteration after `history`, oldest first.
    public func settings(after history: [[String: Double]]) -> [ControllerTarget: Double] {
        var result: [ControllerTarget: Double] = [:]
        for controller in controllers {
            let target = type(of: controller).target
            let isRewardKL = target == .klCoefficient && rewardKL != nil
            let coefficient = isRewardKL ? rewardKL?.coefficient : coefficients[target]
            result[target] = controller.setting(after: history, coefficient: coefficient ?? 0)
        }
        return result
    }

    /// Whether completions must have log-probabilities under the reference.
    public var needsReference: Bool {
        rewardKL != nil || controllers.contains { type(of: $0).target == .klCoefficient }
    }

    /// Whether anything depends on the metrics of earlier iterations.
    public var needsHistory: Bool {
        !controllers.isEmpty || rewards.contains { type(of: $0).momentScope == .history }
    }

    /// Whether groups must have a greedy completion.
    public var needsGreedy: Bool { advantage.map { type(of: $0).needsGreedy } ?? false }

    /// The name of the cost that completions must have; `nil` without a constraint.
    public var costName: String? {
        for case let constraint as LagrangeMultiplier in controllers { return constraint.cost }
        return nil
    }

    private func finish(
        _ estimate: inout TokenEstimate,
        _ input: StageInput,
        _ kept: [[Bool]],
        _ metrics: inout [String: Double]
    ) {
        let places = Self.trainedPlaces(input, kept)
        let moments = Moments(places.map { estimate.advantages[$0.group][$0.sample][$0.token] })
        guard moments.count > 0 else { return }
        metrics[StageMetric.advantageMean] = moments.mean
        metrics[StageMetric.advantageDeviation] = moments.deviation
        var clipped = 0.0
        for place in places {
            let raw = estimate.advantages[place.group][place.sample][place.token]
            let white = whitening.whitened(raw, moments)
            let limit = advantageClip ?? .infinity
            if abs(white) > limit { clipped += 1 }
            estimate.advantages[place.group][place.sample][place.token] =
                max(-limit, min(limit, white))
        }
        if advantageClip != nil { metrics[StageMetric.clippedFraction] = clipped / moments.count }
    }

    private static func trainedPlaces(
        _ input: StageInput,
        _ kept: [[Bool]]
    ) -> [(group: Int, sample: Int, token: Int)] {
        input.groups.indices.flatMap { group in
            kept[group].indices.filter { kept[group][$0] }.flatMap { sample in
                input.groups[group].completions[sample].trained.map { (group, sample, $0) }
            }
        }
    }

    private static func output(
        _ rewards: [[Double?]],
        _ estimate: TokenEstimate,
        _ kept: [[Bool]],
        _ metrics: [String: Double]
    ) -> StageOutput {
        let groups = rewards.indices.map { group in
            rewards[group].indices.map { sample in
                StagedCompletion(
                    reward: rewards[group][sample],
                    advantages: estimate.advantages[group][sample],
                    returns: estimate.returns?[group][sample],
                    weight: kept[group][sample] ? 1 : 0
                )
            }
        }
        return StageOutput(groups: groups, metrics: metrics)
    }
}
