public import Kernels

/// Per-token numbers that take whole distributions over the vocabulary.
public enum DistributionField: Sendable, Hashable, CaseIterable {
    /// KL(policy‖reference), nat.
    case reverseKL
    /// KL(reference‖policy), nat.
    case forwardKL
    /// Σ π²: the chance that two draws are the same token.
    case collisions
    /// KL(policy‖teacher), nat, with the teacher's logits mixed with a contrast's where there is one.
    case teacherKL
    /// Σ |p_teacher − p_contrast|, from 0 to 2; it has no gradient.
    case teacherDistances
}

/// What a head computes beside log-probabilities and entropies, and whose distributions that takes.
public struct HeadComparison: Sendable {
    /// Another model of the same vocabulary, run over the same packed batch.
    public struct Companion: Sendable {
        /// The head over it.
        public let head: LanguageHead
        /// Its residual stream, (tokens, hidden).
        public let residual: Tensor

        /// A model that has been run.
        ///
        /// - Parameters:
        ///   - head: the model's own; every companion has another, since its logits lie in it.
        ///   - residual: the model's residual stream, needed until `LanguageHead.forward` returns.
        public init(head: LanguageHead, residual: Tensor) {
            self.head = head
            self.residual = residual
        }
    }

    /// Whether `collisions` are computed.
    public var includesCollisions = false
    /// Of how many of the likeliest tokens `Output.topMasses` gives the mass; 0: none.
    public var topCount = 0
    /// Whether `Output.topTokens` lists those tokens.
    public var listsTopTokens = false
    /// Gives `reverseKL` and `forwardKL`.
    public var reference: Companion?
    /// Gives `teacherKL` and `teacherDistances`.
    public var teacher: Companion?
    /// What the teacher's logits are extrapolated away from: z* = z_T + w (z_T − z_A).
    public var contrast: Companion?
    /// w = strength · distance + leastWeight, with the distance that `teacherDistances` gives.
    public var strength = 0.0
    /// The share of the difference that is added where teacher and contrast agree.
    public var leastWeight = 0.0

    /// Nothing besides.
    public init() {}
}
