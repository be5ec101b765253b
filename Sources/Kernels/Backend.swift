import Glibc

/// The operations a model is made of.
///
/// Only `CPUBackend` is built; a second one is a new target.
///
/// Shapes in comments are (rows, columns). "Adds" means the result is added to what is there.
/// Operations run one after another in the order they are called.
public protocol Backend: Sendable {
    // MARK: Linear layers: y = x · wᵀ with x (tokens, in), w (out, in), y (tokens, out)

    /// y = x · wᵀ, or y += x · wᵀ when `adds`.
    ///
    /// A row of y is the same, bit for bit, however many rows x has.
    func linear(_ x: Tensor, _ w: Tensor, into y: Tensor, adds: Bool)
    /// The same with packed weights; of format `float32` it gives the same bits.
    func linear(_ x: Tensor, _ w: PackedMatrix, into y: Tensor, adds: Bool)
    /// Lays a matrix into panels.
    func pack(_ w: Tensor, into packed: PackedMatrix)
    /// dx = dy · w, or dx += dy · w when `adds`.
    func linearBackwardInput(_ dy: Tensor, _ w: Tensor, into dx: Tensor, adds: Bool)
    /// dw += dyᵀ · x.
    func linearBackwardWeight(_ dy: Tensor, _ x: Tensor, into dw: Tensor)

    // MARK: Normalisation, position, activation

    /// RMSNorm of each row; `inverseRMS` (1, tokens) is kept for the backward pass.
    func rmsNorm(_ x: Tensor, weight: Tensor, epsilon: Float, into y: Tensor, inverseRMS: Tensor)
    /// Adds ∂loss/∂x to `dx` and, when given, ∂loss/∂weight to `dWeight`.
    func rmsNormBackward(
        _ dy: Tensor,
        _ x: Tensor,
        weight: Tensor,
        inverseRMS: Tensor,
        into dx: Tensor,
        dWeight: Tensor?
    )
    /// Rotates each head of `x` (tokens, heads · head size) by its token's position, in place.
    func rope(_ x: Tensor, headSize: Int, positions: [Int32], table: RotaryTable, inverse: Bool)
    /// y = silu(gate) · up for `gateUp` = [gate | up].
    func swiglu(_ gateUp: Tensor, into y: Tensor)
    /// ∂loss/∂gateUp from ∂loss/∂y.
    func swigluBackward(_ dy: Tensor, _ gateUp: Tensor, into dGateUp: Tensor)

    // MARK: Attention

    /// out (tokens, heads · size) from q and the rows of `keys` and `values` that the segments name.
    /// `logSumExp` (tokens, heads) is kept for the backward pass.
    ///
    /// A query's result is the same, bit for bit, however its keys are split into prefix and own
    /// ones and whichever queries share the call.
    func attention(
        _ q: Tensor,
        keys: Tensor,
        values: Tensor,
        segments: [AttentionSegment],
        shape: AttentionShape,
        into out: Tensor,
        logSumExp: Tensor
    )
    /// Writes dq; adds to dKeys and dValues, which the caller zeroes.
    func attentionBackward(
        _ dout: Tensor,
        q: Tensor,
        keys: Tensor,
        values: Tensor,
        out: Tensor,
        logSumExp: Tensor,
        segments: [AttentionSegment],
        shape: AttentionShape,
        dq: Tensor,
        dKeys: Tensor,
        dValues: Tensor
    )

    // MARK: Log-softmax head

    /// Per row of `logits`: lse, log-probability of the target, entropy, each (1, rows).
    func logSoftmax(
        _ logits: Tensor,
        targets: ArraySlice<Int32>,
        lse: Tensor,
        logprobs: Tensor,
        entropies: Tensor
    )
    /// Turns logits into ∂loss/∂logits in place.
    func logSoftmaxBackward(
        _ logits: Tensor,
        targets: ArraySlice<Int32>,
        lse: Tensor,
        entropies: Tensor,
        dLogprobs: Tensor,
        dEntropies: Tensor
    )

    // MARK: Whole distributions

    /// How far the rows' distributions are from those of another model's logits.
    func divergence(_ logits: Tensor, from others: Tensor, into divergence: Divergence)
    /// Σ π² of each row, (1, rows): how likely two draws are the same token.
    func collisions(_ logits: Tensor, into collisions: Tensor)
    /// Σ π over the `count` likeliest tokens of each row, given its log-sum-exp; both (1, rows).
    func topMass(_ logits: Tensor, count: Int, lse: Tensor, into masses: Tensor)
    /// The `count` likeliest tokens of each row with their log-probabilities, the likeliest first, given
    /// the rows' log-sum-exp, (1, rows).
    func topTokens(_ logits: Tensor, count: Int, lse: Tensor) -> [[LikelyToken]]
    /// teacher += w · (teacher − contrast) in place, with w = strength · distance + floor.
    ///
    /// The distance is Σ |p_teacher − p_contrast| of the row; `distances` is (1, rows).
    func mixTeacher(
        _ teacher: Tensor,
        contrast: Tensor,
        strength: Float,
        floor: Float,
        distances: Tensor
    )
    /// Turns logits into ∂loss/∂logits in place, for everything that a loss takes of the rows.
    func distributionBackward(
        _ logits: Tensor,
        targets: ArraySlice<Int32>,
        lse: Tensor,
        slopes: DistributionSlopes
    )

    // MARK: Rows and arrays

    /// out row i = table row indices[i].
    func gatherRows(_ table: Tensor, _ indices: [Int32], into out: Tensor)
    /// table row indices[i] += rows i, one after another.
    func scatterAddRows(_ rows: Tensor, _ indices: [Int32], into table: Tensor)
    /// table row indices[i] = rows i; the indices differ.
    func putRows(_ rows: Tensor, _ indices: [Int32], into table: Tensor)
    func copy(_ x: Tensor, into y: Tensor)
    func add(_ x: Tensor, into y: Tensor)
    func scale(_ y: Tensor, by factor: Float)
    /// y += share · (x − y) on equally long contiguous arrays; where both are equal y stays as it is.
    func blend(_ x: Tensor, into y: Tensor, share: Float)
    func zero(_ y: Tensor)
    /// Σ x², summed in double in an order that depends on the thread count only.
    func sumOfSquares(_ x: Tensor) -> Double
    func allFinite(_ x: Tensor) -> Bool

    // MARK: Optimizer

    /// One AdamW step on equally long arrays.
    func adamW(_ p: Tensor, moment1: Tensor, moment2: Tensor, gradient: Tensor, step: AdamWStep)

    // MARK: Sampling

    /// For each request one token drawn from the row of logits at the same place in `rows`
    /// (temperature applied, candidates cut); several may draw from one row.
    func draw(_ logits: Tensor, rows: [Int32], requests: [DrawRequest]) -> [Draw]
    /// The same from the normalised geometric mixture p^(1−share) · q^share of two models'
    /// distributions, whose logits lie in the same rows.
    ///
    /// Draws tell the log-probability at temperature 1 of the first model alone.
    func draw(
        _ logits: Tensor,
        mixedWith others: Tensor,
        rows: [Int32],
        requests: [DrawRequest],
        shares: [Float]
    ) -> [Draw]
}

extension Backend {
    /// One token from each row of logits.
    public func draw(_ logits: Tensor, requests: [DrawRequest]) -> [Draw] {
        draw(logits, rows: (0..<logits.rows).map { Int32($0) }, requests: requests)
    }
}

/// The numbers of one AdamW step.
public struct AdamWStep: Sendable, Hashable {
    /// The learning rate of this step.
    public var learningRate: Float
    /// Decay of the first moment.
    public var beta1: Float
    /// Decay of the second moment.
    public var beta2: Float
    /// Added to the root of the second moment.
    public var epsilon: Float
    /// Decoupled weight decay: each weight shrinks by this share times the learning rate.
    public var weightDecay: Float
    /// Counted from 1; corrects the moments' bias.
    public var step: Int
    /// Gradients are multiplied by this (clipping).
    public var gradientScale: Float

    /// The numbers of one step, the same for every array that it updates.
    public init(
        learningRate: Float,
        beta1: Float,
        beta2: Float,
        epsilon: Float,
        weightDecay: Float,
        step: Int,
        gradientScale: Float
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.step = step
        self.gradientScale = gradientScale
    }
}
