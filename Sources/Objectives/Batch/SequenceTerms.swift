/// All that an objective may know of one sequence: numbers per completion token and a few scalars.
///
/// Every array has one element for each completion token (end of sequence included, prompt left
/// out), in natural-log units where it is a log-probability.
public struct SequenceTerms: Sendable, Hashable {
    /// The policy's log-probability of each token, with gradient.
    public var logprobs: [Double]
    /// The weight of each token, 0 for tokens that are not trained; `nil` means 1 everywhere.
    public var mask: [Double]?
    /// Whether the sequence is desirable.
    public var label: Bool?
    /// What the sequence's loss is multiplied by; the totals count it once whatever the weight.
    public var weight: Double = 1
    /// The policy's numbers that equations hold constant, where they differ from its own.
    ///
    /// A stop-gradient reads these; they are the policy's own unless set, which is for checking
    /// gradients by differences.
    public var held: HeldNumbers?
    private var tokens: [BatchField: [Double]] = [:]
    private var scalars: [BatchField: Double] = [:]

    /// A sequence with nothing but its log-probabilities; the rest is set by name.
    public init(logprobs: [Double]) { self.logprobs = logprobs }

    /// The numbers of a per-token `field`; `nil` when absent, and for other fields.
    public subscript(tokens field: BatchField) -> [Double]? {
        get { tokens[field] }
        set { if field.place == .token { tokens[field] = newValue } }
    }

    /// The number of a per-sequence `field`; `nil` when absent, and for other fields.
    public subscript(scalar field: BatchField) -> Double? {
        get { scalars[field] }
        set { if field.place == .sequence && field != .label { scalars[field] = newValue } }
    }

    /// The sum of the mask: how many tokens are trained.
    public var trainedTokenCount: Double {
        mask.map { $0.reduce(0, +) } ?? Double(logprobs.count)
    }

    /// Whether a loss counts the sequence: it has a trained token, or is a whole text with a score.
    var isTrained: Bool {
        trainedTokenCount > 0 || (logprobs.isEmpty && self[scalar: .score] != nil)
    }
}

/// The policy's numbers at the point where an equation's constants were taken.
public struct HeldNumbers: Sendable, Hashable {
    /// As `SequenceTerms.logprobs`.
    public var logprobs: [Double]
    /// Differentiable per-token fields; what is missing is the sequence's own.
    public var tokens: [BatchField: [Double]]

    /// Numbers to hold.
    public init(logprobs: [Double], tokens: [BatchField: [Double]] = [:]) {
        self.logprobs = logprobs
        self.tokens = tokens
    }

    /// Those of a sequence as it is.
    public init(of terms: SequenceTerms) {
        var tokens: [BatchField: [Double]] = [:]
        for field in BatchField.differentiable { tokens[field] = terms[tokens: field] }
        self.init(logprobs: terms.logprobs, tokens: tokens)
    }
}

// The fields that much code speaks of, by name.
extension SequenceTerms {
    /// Under the frozen reference policy.
    public var referenceLogprobs: [Double]? {
        get { self[tokens: .referenceLogprobs] }
        set { self[tokens: .referenceLogprobs] = newValue }
    }
    /// Under the policy at the start of the update (PPO) or of the iteration (SPPO, REBEL).
    public var oldLogprobs: [Double]? {
        get { self[tokens: .oldLogprobs] }
        set { self[tokens: .oldLogprobs] = newValue }
    }
    /// As the sampler computed them while sampling.
    public var behaviorLogprobs: [Double]? {
        get { self[tokens: .behaviorLogprobs] }
        set { self[tokens: .behaviorLogprobs] = newValue }
    }
    /// How much better than expected each token was.
    public var advantages: [Double]? {
        get { self[tokens: .advantages] }
        set { self[tokens: .advantages] = newValue }
    }
    /// The value head's estimate at each token, with gradient.
    public var values: [Double]? {
        get { self[tokens: .values] }
        set { self[tokens: .values] = newValue }
    }
    /// The entropy of the policy's distribution at each token, with gradient.
    public var entropies: [Double]? {
        get { self[tokens: .entropies] }
        set { self[tokens: .entropies] = newValue }
    }
    /// A reward model's raw output for the sequence, with gradient.
    public var score: Double? {
        get { self[scalar: .score] }
        set { self[scalar: .score] = newValue }
    }
    /// The shaped reward; `nil` means unscored, which is not 0.
    public var reward: Double? {
        get { self[scalar: .reward] }
        set { self[scalar: .reward] = newValue }
    }

    /// The sequence as a stop-gradient sees it.
    var heldTerms: SequenceTerms {
        guard let held else { return self }
        var result = self
        result.held = nil
        result.logprobs = held.logprobs
        for (field, numbers) in held.tokens { result[tokens: field] = numbers }
        return result
    }
}
