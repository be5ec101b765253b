public import Domain
import Kernels

/// What a layer's forward pass leaves for its backward pass.
struct LayerActivations: Sendable {
    /// Inverse root mean squares of the attention norm, (1, tokens).
    let inverse1: Tensor
    /// (tokens, (heads + 2 · key heads) · head size), rotated.
    let queryKeyValue: Tensor
    /// Log-sum-exp of each query's scores, (tokens, heads).
    let logSumExp: Tensor
    /// The heads' outputs before their projection, (tokens, heads · head size).
    let attention: Tensor
    /// The residual stream between attention and feed-forward, (tokens, hidden).
    let middle: Tensor
    /// Inverse root mean squares of the feed-forward norm, (1, tokens).
    let inverse2: Tensor
    /// Gate and up side by side before the activation, (tokens, 2 · intermediate).
    let gateUp: Tensor

    init(_ shape: ModelConfiguration, tokens: Int) {
        let heads = shape.headCount * shape.headSize
        inverse1 = Tensor(rows: 1, columns: tokens)
        queryKeyValue = Tensor(
            rows: tokens,
            columns: heads + 2 * shape.keyValueHeadCount * shape.headSize
        )
        logSumExp = Tensor(rows: tokens, columns: shape.headCount)
        attention = Tensor(rows: tokens, columns: heads)
        middle = Tensor(rows: tokens, columns: shape.hiddenSize)
        inverse2 = Tensor(rows: 1, columns: tokens)
        gateUp = Tensor(rows: tokens, columns: 2 * shape.intermediateSize)
    }

    /// Floats of one token.
    static func floatsPerToken(_ shape: ModelConfiguration) -> Int {
        let heads = shape.headCount * shape.headSize
        return 2 + 2 * heads + 2 * shape.keyValueHeadCount * shape.headSize + shape.headCount
            + shape.hiddenSize + 2 * shape.intermediateSize
    }
}

/// How much of the forward pass is kept.
public enum ActivationPlan: Sendable, Hashable {
    /// Nothing: sampling and scoring.
    case inference
    /// Everything: the fastest backward pass.
    case keepAll
    /// Each layer's input; the rest is computed again layer by layer in the backward pass.
    case recompute
}

/// The memory of forward and backward passes over at most `capacity` tokens, reused from step to step.
public final class Activations: Sendable {
    /// The most tokens of one pass.
    public let capacity: Int
    /// How much of the forward pass is kept.
    public let plan: ActivationPlan
    let inputs: [Tensor]
    private let layers: [LayerActivations]
    let normed: Tensor
    let activated: Tensor
    /// Two halves of rank columns for adapters; at least one column.
    let adapterScratch: Tensor
    let backward: BackwardScratch?
    let layerCount: Int

    /// Allocates the memory of one pass.
    ///
    /// - Parameters:
    ///   - shape: the model's shape.
    ///   - capacity: the most tokens of one pass.
    ///   - plan: how much of the forward pass is kept.
    ///   - adapterRank: 0 without adapters.
    public init(
        _ shape: ModelConfiguration,
        capacity: Int,
        plan: ActivationPlan,
        adapterRank: Int
    ) {
        self.capacity = capacity
        self.plan = plan
        layerCount = shape.layerCount
        let inputCount = plan == .inference ? 2 : shape.layerCount + 1
        inputs = (0..<inputCount).map { _ in Tensor(rows: capacity, columns: shape.hiddenSize) }
        layers = (0..<(plan == .keepAll ? shape.layerCount : 1)).map { _ in
            LayerActivations(shape, tokens: capacity)
        }
        normed = Tensor(rows: capacity, columns: shape.hiddenSize)
        activated = Tensor(rows: capacity, columns: shape.intermediateSize)
        adapterScratch = Tensor(rows: capacity, columns: max(1, 2 * adapterRank))
        backward = plan == .inference ? nil : BackwardScratch(shape, tokens: capacity)
    }

    /// The residual stream before `layer`; `layerCount` names the last one's output.
    func input(_ layer: Int) -> Tensor { inputs[plan == .inference ? layer % 2 : layer] }

    func layer(_ layer: Int) -> LayerActivations { layers[plan == .keepAll ? layer : 0] }

    /// Bytes of an arena for `tokens` tokens.
    public static func bytes(
        _ shape: ModelConfiguration,
        tokens: Int,
        plan: ActivationPlan,
        adapterRank: Int
    ) -> Int {
        let hidden = shape.hiddenSize
        let heads = shape.headCount * shape.headSize
        let fused = heads + 2 * shape.keyValueHeadCount * shape.headSize
        var floats = hidden + shape.intermediateSize + max(1, 2 * adapterRank)
        switch plan {
        case .inference: floats += 2 * hidden + LayerActivations.floatsPerToken(shape)
        case .keepAll:
            floats += (shape.layerCount + 1) * hidden
            floats += shape.layerCount * LayerActivations.floatsPerToken(shape)
        case .recompute:
            floats += (shape.layerCount + 1) * hidden + LayerActivations.floatsPerToken(shape)
        }
        if plan != .inference { floats += 2 * hidden + 3 * shape.intermediateSize + fused + heads }
        return floats * 4 * tokens
    }
}

/// Gradients that live within one layer's backward pass.
struct BackwardScratch: Sendable {
    /// ∂loss/∂ residual stream, carried from layer to layer, (tokens, hidden).
    let residual: Tensor
    let normed: Tensor
    let activated: Tensor
    let gateUp: Tensor
    let queryKeyValue: Tensor
    let attention: Tensor

    init(_ shape: ModelConfiguration, tokens: Int) {
        let heads = shape.headCount * shape.headSize
        residual = Tensor(rows: tokens, columns: shape.hiddenSize)
        normed = Tensor(rows: tokens, columns: shape.hiddenSize)
        activated = Tensor(rows: tokens, columns: shape.intermediateSize)
        gateUp = Tensor(rows: tokens, columns: 2 * shape.intermediateSize)
        queryKeyValue = Tensor(
            rows: tokens,
            columns: heads + 2 * shape.keyValueHeadCount * shape.headSize
        )
        attention = Tensor(rows: tokens, columns: heads)
    }
}
