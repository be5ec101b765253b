import Domain

/// What a named policy-gradient method sets of the stages inside the loss; every one of them is a
/// parameter of the objective, with this as its default.
struct PolicyPreset: Sendable {
    var ratio = PolicyRatio.token
    var surrogate = PolicySurrogate.clip
    var clipLow = 0.2
    var clipHigh = 0.2
    var clipBounds = ClipBounds.difference
    var aggregation = LossAggregation.Rule.tokenMean
    var klCoefficient = 0.0
    var klEstimator = PolicyKL.k3
    var klPlacement = PolicyKL.Placement.loss
}

/// What the surrogate's ratio is of; raw values are the JSON names.
enum PolicyRatio: String, Sendable, CaseIterable {
    /// Each token's own.
    case token
    /// The geometric mean over the sequence's trained tokens (GSPO).
    case sequenceMean = "sequence_mean"
    /// The product over the sequence's trained tokens (RLOO, P3O).
    case sequenceSum = "sequence_sum"
    /// 1, with the gradient of the log-probability: the first step on the policy's own samples.
    case none
}

/// How ratio and advantage become a loss; raw values are the JSON names.
enum PolicySurrogate: String, Sendable, CaseIterable {
    /// PPO's: the larger of the losses with the ratio and with the ratio clipped.
    case clip
    /// Ratio times advantage, nothing clipped.
    case linear
    /// CISPO's: the clipped ratio is a constant weight of the log-likelihood.
    case weighted
    /// SAPO's: a sigmoid gate around ratio 1, sharper for negative advantages.
    case sigmoid
    /// The log-likelihood times the advantage, no ratio (REINFORCE).
    case likelihood
    /// For tokens that another policy wrote: p / (p + 0.1) of the policy's own probability p.
    case shaped
}

/// Where clipping begins; raw values are the JSON names.
enum ClipBounds: String, Sendable, CaseIterable {
    /// `[1 - clip_low, 1 + clip_high]`.
    case difference
    /// `[1 / (1 + clip_low), 1 + clip_high]` (LOOP).
    case reciprocal

    func range(_ low: Double, _ high: Double) -> ClosedRange<Double> {
        (self == .difference ? 1 - low : 1 / (1 + low))...(1 + high)
    }
}

/// How the penalty on drifting from the reference is taken; raw values are the JSON names.
enum PolicyKL: String, Sendable, CaseIterable {
    case k1, k2, k3
    /// The value of k3 with the gradient of k2, which is the KL's own on the policy's samples.
    case k3Plus = "k3_plus"
    /// The exact KL over the whole vocabulary.
    case exact

    /// Where the penalty goes; raw values are the JSON names.
    enum Placement: String, Sendable, CaseIterable {
        /// Beside the surrogate, with gradient.
        case loss
        /// Off each token's advantage, as a constant (ReMax).
        case advantage
    }

    /// The field that the penalty is computed from.
    var field: BatchField { self == .exact ? .reverseKL : .referenceLogprobs }

    /// The penalty of a token.
    func penalty(_ token: TokenView) throws(HoneError) -> Dual {
        switch self {
        case .k1: KLEstimator.k1.penalty(try token.logRatio)
        case .k2: KLEstimator.k2.penalty(try token.logRatio)
        case .k3: KLEstimator.k3.penalty(try token.logRatio)
        case .k3Plus:
            KLEstimator.k2.penalty(try token.logRatio)
                - KLEstimator.k2.penalty(try token.held.logRatio)
                + KLEstimator.k3.penalty(try token.held.logRatio)
        case .exact: try token.variable(.reverseKL)
        }
    }
}
