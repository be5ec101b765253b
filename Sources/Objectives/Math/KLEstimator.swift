import Domain

extension KLEstimator {
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
