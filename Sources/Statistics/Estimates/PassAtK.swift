/// The chance that one of k completions is right (Chen and others 2021, arXiv 2107.03374, equation 1).
public enum PassAtK {
    /// 1 − C(n − c, k) / C(n, k), unbiased.
    ///
    /// - Parameters:
    ///   - k: How many may be tried.
    ///   - samples: n, how many were drawn, at least k.
    ///   - correct: c, how many of these are right.
    /// - Returns: `nil` when k is above n or below 1.
    public static func estimate(_ k: Int, samples: Int, correct: Int) -> Double? {
        guard k >= 1, k <= samples, (0...samples).contains(correct) else { return nil }
        guard samples - correct >= k else { return 1 }
        var missing = 1.0
        for place in (samples - correct + 1)..<(samples + 1) {
            missing *= 1 - Double(k) / Double(place)
        }
        return 1 - missing
    }
}
