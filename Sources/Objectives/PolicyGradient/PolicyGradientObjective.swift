import Domain

/// A policy gradient: a preset of the stages inside the loss, each of which is a parameter.
protocol PolicyGradientObjective: TokenObjective {
    /// The stages as the method's paper has them.
    static var policy: PolicyPreset { get }
    /// The stages as the parameters have them.
    var stages: PolicyStages { get }
}

extension PolicyGradientObjective {
    /// Advantages and, where the ratio is to the old policy, its log-probabilities.
    public static var requirements: DataRequirements {
        var fields: Set<BatchField> = [.advantages]
        if policy.ratio != .none && policy.surrogate != .likelihood { fields.insert(.oldLogprobs) }
        if policy.klCoefficient > 0 { fields.insert(policy.klEstimator.field) }
        return DataRequirements(.sequences, fields)
    }

    /// What the stages call for.
    public var requirements: DataRequirements { DataRequirements(.sequences, stages.fields) }

    /// Where a weight, a ratio or a penalty is held constant.
    public static var stopsGradients: Bool {
        policy.surrogate == .weighted || policy.ratio == .none && policy.surrogate != .likelihood
            || policy.klCoefficient > 0
                && (policy.klPlacement == .advantage || policy.klEstimator == .k3Plus)
    }

    /// All stages.
    public static var parameters: [ParameterDescription] { PolicyStages.parameters(policy) }

    /// Where tokens with high advantages gain on others.
    public static var trend: MetricTrend { .rises("policy/advantage_logprob") }

    /// A ratio to the sampler is its own correction: a weight beside it would correct twice.
    public var contradiction: ParameterContradiction? {
        ParameterContradiction(
            "importance_cap",
            if: stages.ratioBase == .behaviorLogprobs && stages.correction.cap != nil,
            "must be left out with ratio_base behavior: the ratio is to the sampler already, and "
                + "would be corrected twice"
        )
    }

    package var aggregation: LossAggregation { stages.aggregation }

    package func prepared(_ held: SequenceView) throws(HoneError) -> [Double] {
        try stages.prepared(held)
    }

    package func loss(_ token: TokenView) throws(HoneError) -> Dual { try stages.loss(token) }

    package func isClipped(_ token: TokenView) throws(HoneError) -> Bool {
        try stages.isClipped(token)
    }

    /// How far tokens have moved in the direction of their advantages, the exact KL where the loss
    /// takes it, and the sampler's weights.
    package func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        var measures = [("policy/advantage_logprob", try token.advantage * token.logprob.value)]
        // Without the reference's log-probabilities nobody else measures it.
        if stages.fields.contains(.reverseKL) {
            measures.append(("policy/token_kl", try token.number(.reverseKL)))
        }
        if stages.correction.cap != nil {
            measures.append(("policy/importance_weight", try stages.correction.weight(token)))
        }
        return measures
    }
}
