/// What makes tokens that came before less likely, or likelier.
///
/// Keskar et al. 2019, arXiv 1909.05858, section 4.1, with the sign rule that `transformers` and
/// vLLM have: a positive logit is divided by the factor, another one multiplied, so that both
/// become smaller.
public struct RepetitionPenalty: Sendable, Hashable {
    /// Over 1 makes repetition less likely, under 1 likelier; positive.
    public var factor: Float
    /// The ids of the tokens that came before, each once.
    public var tokens: [Int32]

    /// The penalty `factor` on `tokens`.
    public init(factor: Float, tokens: [Int32]) {
        self.factor = factor
        self.tokens = tokens
    }

    /// A logit after the penalty.
    func applied(to logit: Float) -> Float { logit > 0 ? logit / factor : logit * factor }
}

/// How one token is drawn from a row of logits.
public struct DrawRequest: Sendable, Hashable {
    /// 0 takes the likeliest token.
    public var temperature: Float
    /// 0 keeps all.
    public var topK: Int
    /// Keeps the smallest set of tokens with at least this probability; 1 keeps all.
    public var topP: Float
    /// Keeps tokens at least this many times as likely as the likeliest; 0 keeps all.
    public var minP: Float
    /// A uniform number in [0, 1).
    public var uniform: Double
    /// What tokens that came before cost; `nil`: nothing.
    public var penalty: RepetitionPenalty?

    /// One draw; `uniform` decides which of the tokens that are kept it is.
    public init(temperature: Float, topK: Int, topP: Float, minP: Float, uniform: Double) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.uniform = uniform
    }

    /// Whether every token keeps its chance.
    var keepsAll: Bool { topK <= 0 && topP >= 1 && minP <= 0 }
}

/// A drawn token and what it was drawn from.
public struct Draw: Sendable, Hashable {
    /// The id of the token.
    public var token: Int32
    /// Log-probability at temperature 1 without penalty or truncation, nat.
    public var logprob: Float
    /// Log-probability after penalty, temperature and truncation, nat.
    public var samplingLogprob: Float
}
