/// Estimators of KL(policy ‖ reference) from one token's log-ratio `d = l - r` (Schulman 2020).
public enum KLEstimator: String, Sendable, Hashable, CaseIterable {
    /// `d`: unbiased, may be negative; its gradient vanishes in expectation.
    case k1
    /// `d² / 2`: biased; its gradient is the KL's in expectation.
    case k2
    /// `exp(-d) - 1 + d`: unbiased and never negative.
    case k3
    /// `|d|`: biased; counts drifting either way.
    case abs

    /// The estimate; the exponent of `k3` is held within ±20 so that it cannot overflow.
    package func penalty(_ logRatio: Dual) -> Dual {
        switch self {
        case .k1: logRatio
        case .k2: 0.5 * logRatio.squared
        case .k3: exp((-logRatio).clamped(to: -20...20)) - 1 + logRatio
        case .abs: logRatio.value < 0 ? -logRatio : logRatio
        }
    }

    /// The estimate of a constant log-ratio.
    package func penalty(_ logRatio: Double) -> Double { penalty(Dual(logRatio)).value }
}
