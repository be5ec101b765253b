/// How far rows of logits z are from rows y of another model: the results of `Backend.divergence`.
///
/// Each tensor is (1, rows). p is softmax(z), q softmax(y).
public struct Divergence: Sendable {
    /// KL(p‖q), nat; never negative.
    public let reverse: Tensor
    /// KL(q‖p), nat; never negative.
    public let forward: Tensor
    /// E_p[z − y], which the gradient of KL(p‖q) is centred by.
    let differences: Tensor
    /// Log-sum-exp of y.
    let lse: Tensor

    /// Room for `rows` results.
    public init(rows: Int) {
        reverse = Tensor(rows: 1, columns: rows)
        forward = Tensor(rows: 1, columns: rows)
        differences = Tensor(rows: 1, columns: rows)
        lse = Tensor(rows: 1, columns: rows)
    }

    private init(_ whole: Divergence, _ range: Range<Int>) {
        reverse = whole.reverse.columns(range)
        forward = whole.forward.columns(range)
        differences = whole.differences.columns(range)
        lse = whole.lse.columns(range)
    }

    /// The results of some rows, sharing memory.
    public func rows(_ range: Range<Int>) -> Divergence { Divergence(self, range) }
}

/// ∂loss of everything that a loss may take of rows of logits, for `Backend.distributionBackward`.
///
/// All but the logits of `Comparison` are (1, rows).
public struct DistributionSlopes: Sendable {
    /// Another model whose divergences the loss takes.
    public struct Comparison: Sendable {
        /// Its logits, (rows, vocabulary).
        public var logits: Tensor
        /// What the forward pass gave.
        public var divergence: Divergence
        /// ∂loss/∂KL(p‖q).
        public var dReverse: Tensor
        /// ∂loss/∂KL(q‖p).
        public var dForward: Tensor

        /// A model with the slopes of its two divergences.
        public init(logits: Tensor, divergence: Divergence, dReverse: Tensor, dForward: Tensor) {
            self.logits = logits
            self.divergence = divergence
            self.dReverse = dReverse
            self.dForward = dForward
        }
    }

    /// Entropies, as `logSoftmax` gave them.
    public var entropies: Tensor
    /// ∂loss/∂ log-probability of the target.
    public var dLogprobs: Tensor
    /// ∂loss/∂ entropy.
    public var dEntropies: Tensor
    /// Σ π², as `collisions` gave them; anything where their slopes are 0.
    public var collisions: Tensor
    /// ∂loss/∂ Σ π².
    public var dCollisions: Tensor
    /// The other models.
    public var comparisons: [Comparison]

    /// The slopes of one chunk of rows.
    public init(
        entropies: Tensor,
        dLogprobs: Tensor,
        dEntropies: Tensor,
        collisions: Tensor,
        dCollisions: Tensor,
        comparisons: [Comparison]
    ) {
        self.entropies = entropies
        self.dLogprobs = dLogprobs
        self.dEntropies = dEntropies
        self.collisions = collisions
        self.dCollisions = dCollisions
        self.comparisons = comparisons
    }
}
