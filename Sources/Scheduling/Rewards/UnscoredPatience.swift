/// How often completions are scored again that a reward left unscored for the time being.
public struct UnscoredPatience: Sendable, Hashable {
    /// Times that the scores are asked for, the first included.
    public var attempts: Int
    /// The first pause; each further one is twice as long.
    public var firstPause: Duration
    /// The longest pause.
    public var longestPause: Duration

    /// About a quarter of an hour unless said otherwise.
    public init(
        attempts: Int = 20,
        firstPause: Duration = .seconds(1),
        longestPause: Duration = .seconds(60)
    ) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// The pause after so many attempts, from 1.
    func pause(after attempts: Int) -> Duration {
        min(longestPause, firstPause * (1 << min(20, max(0, attempts - 1))))
    }
}
