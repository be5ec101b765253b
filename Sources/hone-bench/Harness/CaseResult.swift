/// What was measured of one case.
struct CaseResult: Codable {
    let name: String
    let meaning: String
    /// Tokens of one run, counted as the meaning says.
    var tokens: Int?
    var tokensPerSecond: Double?
    var seconds: Spread?
    /// Useful operations a second, 10⁹.
    var gigaflops: Double?
    /// Read from memory a second, 10⁹ bytes.
    var gigabytesPerSecond: Double?
    /// Of the measured sgemm peak.
    var gemmFraction: Double?
    /// Of the measured read bandwidth.
    var bandwidthFraction: Double?
    /// The most resident memory the process ever had (`VmHWM`), mapped files included.
    var peakMemoryBytes: Int?
    /// Why there are no figures.
    var error: String?

    init(name: String, meaning: String) {
        self.name = name
        self.meaning = meaning
    }
}

/// Seconds of the measured runs.
struct Spread: Codable {
    let median: Double
    let min: Double
    let max: Double
    /// How many there were.
    let count: Int

    /// - Parameter values: at least one.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        let upper = sorted[sorted.count / 2]
        median = sorted.count.isMultiple(of: 2) ? (sorted[sorted.count / 2 - 1] + upper) / 2 : upper
        min = sorted[0]
        max = sorted[sorted.count - 1]
        count = sorted.count
    }
}
