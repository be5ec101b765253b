public import Domain

extension Whitening {
    /// `(x - mean) / sqrt(variance + 1e-8)`, the unbiased variance; `scale` adds the mean again.
    ///
    /// Source: TRL and verl, `masked_whiten`.
    func whitened(_ value: Double, _ moments: Moments) -> Double {
        guard self != .none else { return value }
        let standard = (value - moments.mean) / (moments.variance + 1e-8).squareRoot()
        return self == .batch ? standard : standard + moments.mean
    }

    /// The numbers standardised among themselves.
    public func callAsFunction(_ values: [Double]) -> [Double] {
        let moments = Moments(values)
        return values.map { whitened($0, moments) }
    }
}
