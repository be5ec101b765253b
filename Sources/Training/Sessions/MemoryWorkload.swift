/// How much of a model's work is done at once, in tokens: what a memory plan is made for.
public struct MemoryWorkload: Sendable, Hashable {
    /// Tokens of each prompt that is sampled from at once.
    public var promptTokens: [Int] = []
    /// Completions of each of them.
    public var groupSize = 1
    /// The most tokens of a completion.
    public var maximumNewTokens = 0
    /// Tokens of what stays together in a microbatch: a pair, a group, a text.
    ///
    /// The longest of the data; as many as one step learns from, or as many as fill a microbatch.
    public var elementTokens: [Int] = []
    /// Whether the reference policy scores what is learned from.
    public var usesReference = true
    /// Whether steps run the reference beside the policy.
    public var comparesReference = false
    /// Whether steps first score completions under other prompts, with policy and reference.
    public var scoresMismatched = false
    /// Whether the reference has weights of its own in memory, which follow the policy's.
    public var movesReference = false
    /// Completions of each prompt that the opponent draws.
    public var opponentCount = 0
    /// The reference's share in the opponent: 0 is the policy, 1 the reference alone.
    public var opponentMixture = 0.0

    /// No work yet.
    public init() {}

    /// What a client may ask for that says nothing beforehand: full batches of sequences of 256
    /// tokens.
    static let unknown: MemoryWorkload = {
        var workload = MemoryWorkload()
        workload.promptTokens = Array(repeating: 128, count: SamplingLimits().sequences)
        workload.maximumNewTokens = 128
        workload.elementTokens = [ActivationBudget.maximumTokens]
        return workload
    }()

    /// Tokens of the largest microbatch that a budget of `limit` tokens makes of the elements.
    func microbatchTokens(limit: Int) -> Int {
        elementTokens.sorted(by: >).reduce(0) { sum, tokens in
            sum == 0 || sum + tokens <= limit ? sum + tokens : sum
        }
    }

    /// Keys and values that are kept at a time, tokens.
    func cacheRows(context: Int) -> Int {
        let perWave = max(1, SamplingLimits().sequences / max(1, groupSize))
        return promptTokens.sorted(by: >).prefix(perWave).reduce(0) { sum, tokens in
            sum + tokens + groupSize * max(0, min(maximumNewTokens, context - tokens))
        }
    }

    /// The work of drawing the opponent's completions of the same prompts; `nil` when an engine of
    /// its own is not needed.
    var opponentWork: MemoryWorkload? {
        guard opponentCount > 0, opponentMixture > 0 else { return nil }
        var work = self
        work.groupSize = opponentCount
        return work
    }

    /// Models that decode side by side to draw it.
    var opponentModels: Int { opponentMixture < 1 ? 2 : 1 }

    /// Tokens of the largest forward pass of sampling.
    var samplingTokens: Int {
        let perWave = max(1, SamplingLimits().sequences / max(1, groupSize))
        let wave = promptTokens.sorted(by: >).prefix(perWave)
        let prefill = min(wave.reduce(0, +), SamplingLimits().prefillTokens + (wave.first ?? 0))
        return max(wave.count * groupSize, prefill)
    }

    /// Tokens of the largest forward pass of scoring: one group at least, whatever its size.
    var scoringTokens: Int {
        let sampled = (promptTokens.max() ?? 0) + groupSize * maximumNewTokens
        var elements = elementTokens.sorted(by: >).prefix(2)
        // The prompt of one element with the completion of another is shorter than both together.
        if !scoresMismatched { elements = elements.prefix(1) }
        return max(SequenceScorer.passTokens, sampled, elements.reduce(0, +))
    }
}
