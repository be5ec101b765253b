/// How long somebody waits who asks again what failed.
enum RetryPause {
    /// The longest pause between two attempts.
    static let longest: Duration = .seconds(300)

    /// Half of a pause that doubles from two seconds on, and a random part of the other half, so that
    /// many who failed together do not come again together.
    ///
    /// - Parameters:
    ///   - attempt: The number of the next attempt, the first is 1.
    ///   - jitter: In 0..<1.
    /// - Returns: The pause before it.
    static func before(_ attempt: Int, jitter: Double) -> Duration {
        let whole = min(longest, .seconds(1 << min(attempt - 1, 16)))
        return whole / 2 + whole / 2 * jitter
    }
}
