public import Domain
public import Kernels

/// A decoder-only transformer: embeddings, layers and final norm over one parameter arena.
///
/// The trunk turns tokens into the residual stream; heads (`LanguageHead`, `ScalarHead`) turn chosen
/// rows of it into numbers and hand back their gradients.
public struct Transformer: Sendable {
    /// Shape and special tokens.
    public let configuration: ModelConfiguration
    /// What computes the operations.
    public let backend: any Backend
    /// The parameters; with adapters these are the frozen base.
    public let weights: ParameterArena
    /// Gradients of the trained parameters; `nil` for models that are only run.
    public let gradients: ParameterArena?
    /// Low-rank additions to the linear layers; `nil` without.
    public let adapters: LowRankAdapters?
    /// The lowest layer that anything below or in is trained; the backward pass ends there.
    public let lowestTrainedLayer: Int
    /// Packed weights that passes over a cache read; `nil` has them read the model's own.
    public let decoding: DecodingWeights?
    private let layers: [TransformerLayer]
    private let outputMatrix: Tensor?
    private let embedding: Tensor
    private let rotary: RotaryTable

    /// A model over weights that are already in memory.
    ///
    /// - Parameters:
    ///   - configuration: the shape; its architecture names the tensors.
    ///   - backend: what computes the operations.
    ///   - weights: all parameters of the architecture's table, more (heads) allowed.
    ///   - gradients: an arena for the trained subset of `weights`' or the adapters' table.
    ///   - adapters: low-rank adapters; their gradients are then in `gradients`.
    ///   - decoding: panels for sampling, laid out at the first pass over a cache.
    /// - Throws: `unsupportedModel` for an unknown architecture, `invalidModelFile` naming a tensor
    ///   that is missing.
    public init(
        _ configuration: ModelConfiguration,
        backend: any Backend,
        weights: ParameterArena,
        gradients: ParameterArena? = nil,
        adapters: LowRankAdapters? = nil,
        decoding: DecodingWeights? = nil
    ) throws(HoneError) {
        let family = try ArchitectureCatalogue.find(configuration.architecture)
        self.configuration = configuration
        self.backend = backend
        self.weights = weights
        self.gradients = gradients
        self.adapters = adapters
        self.decoding = decoding
        outputMatrix = weights.tensor(configuration.outputMatrixName)
        rotary = RotaryTable(
            positionCount: configuration.contextLength,
            headSize: configuration.headSize,
            theta: configuration.ropeTheta
        )
        embedding = try Self.require(
            weights.tensor("model.embed_tokens.weight"),
            "model.embed_tokens.weight"
        )
        var layers: [TransformerLayer] = []
        for layer in 0..<configuration.layerCount {
            layers.append(
                try Self.layer(
                    family.layerNames(layer),
                    configuration,
                    weights,
                    gradients,
                    adapters
                )
            )
        }
        self.layers = layers
        lowestTrainedLayer = Self.lowestLayer(gradients?.table, configuration.layerCount)
    }

    private static func lowestLayer(_ table: ParameterTable?, _ layerCount: Int) -> Int {
        guard let table else { return layerCount }
        if table["model.embed_tokens.weight"] != nil { return 0 }
        return table.entries.compactMap { $0.layer }.min() ?? layerCount
    }

    private static func require(_ tensor: Tensor?, _ name: String) throws(HoneError) -> Tensor {
        guard let tensor else {
            throw HoneError(.invalidModelFile, "tensor \(name) is missing", param: name)
        }
        return tensor
    }

    private static func layer(
        _ names: LayerNames,
        _ shape: ModelConfiguration,
        _ weights: ParameterArena,
        _ gradients: ParameterArena?,
        _ adapters: LowRankAdapters?
    ) throws(HoneError) -> TransformerLayer {
        func linear(_ names: [String]) throws(HoneError) -> LinearLayer {
            LinearLayer(
                weight: try require(weights.fused(names), names[0]),
                gradient: gradients?.fused(names),
                adapters: adapters?.adapters(names, gradients: gradients) ?? []
            )
        }
        return TransformerLayer(
            shape: shape,
            attentionNorm: try require(weights.tensor(names.attentionNorm), names.attentionNorm),
            queryKeyValue: try linear(names.queryKeyValue),
            output: try linear([names.output]),
            feedForwardNorm: try require(
                weights.tensor(names.feedForwardNorm),
                names.feedForwardNorm
            ),
            gateUp: try linear(names.gateUp),
            down: try linear([names.down]),
            attentionNormGradient: gradients?.tensor(names.attentionNorm),
            feedForwardNormGradient: gradients?.tensor(names.feedForwardNorm)
        )
    }

    /// Runs the layers over a packed batch; returns the residual stream after the last, (tokens, hidden).
    public func forward(_ batch: PackedBatch, _ activations: Activations) -> Tensor {
        forward(
            batch.tokens,
            batch.positions,
            batch.segments,
            activations,
            cache: nil,
            cacheRows: []
        )
    }

    /// Runs the layers over tokens whose keys and values are kept in a cache.
    ///
    /// - Parameters:
    ///   - tokens: at most `activations.capacity` of them.
    ///   - positions: the place of each token in its own sequence.
    ///   - segments: queries by their row in `tokens`, keys by their slot in the cache.
    ///   - activations: the memory that the pass works in.
    ///   - cache: keys and values of earlier tokens; `nil` takes those of `tokens` alone.
    ///   - cacheRows: the slot of each token.
    /// - Returns: the residual stream after the last layer, (tokens, hidden).
    public func forward(
        _ tokens: [Int32],
        _ positions: [Int32],
        _ segments: [AttentionSegment],
        _ activations: Activations,
        cache: KeyValueCache?,
        cacheRows: [Int32]
    ) -> Tensor {
        precondition(tokens.count <= activations.capacity)
        let rows = 0..<tokens.count
        let panels = cache == nil ? nil : currentPanels()
        backend.gatherRows(embedding, tokens, into: activations.input(0).rows(rows))
        for (index, layer) in layers.enumerated() {
            let pass = LayerPass(
                backend: backend,
                activations: activations,
                kept: activations.layer(index),
                positions: positions,
                segments: segments,
                rotary: rotary,
                cache: cache?.layer(index, rows: cacheRows),
                panels: panels?.layer(index)
            )
            layer.forward(
                activations.input(index).rows(rows),
                into: activations.input(index + 1).rows(rows),
                pass
            )
        }
        return activations.input(layers.count).rows(rows)
    }

    /// The packed weights, laid out anew when the model's own have changed.
    private func currentPanels() -> DecodingWeights? {
        guard let decoding, let outputMatrix else { return nil }
        // A model that is only sampled from has its weights in memory once.
        let isSampledOnly = gradients == nil && adapters == nil
        decoding.prepare(layers, output: outputMatrix, backend) {
            if isSampledOnly { weights.unload() }
        }
        return decoding
    }

    /// ∂loss/∂ residual stream after the last layer, zeroed, for heads to add to; (tokens, hidden).
    public func residualGradient(_ tokenCount: Int, _ activations: Activations) -> Tensor {
        guard let scratch = activations.backward else {
            preconditionFailure("inference activations have no gradients")
        }
        let gradient = scratch.residual.rows(0..<tokenCount)
        backend.zero(gradient)
        return gradient
    }

    /// Carries the residual gradient down to the lowest trained layer, adding to `gradients`.
    public func backward(_ batch: PackedBatch, _ activations: Activations) {
        guard let scratch = activations.backward else {
            preconditionFailure("inference activations have no gradients")
        }
        let rows = 0..<batch.count
        for index in stride(from: layers.count - 1, through: lowestTrainedLayer, by: -1) {
            let pass = LayerPass(
                backend: backend,
                activations: activations,
                kept: activations.layer(index),
                positions: batch.positions,
                segments: batch.segments,
                rotary: rotary,
                cache: nil
            )
            let x = activations.input(index).rows(rows)
            if activations.plan == .recompute {
                layers[index].forward(x, into: activations.input(index + 1).rows(rows), pass)
            }
            layers[index].backward(x, scratch, pass)
        }
        if let gradient = gradients?.tensor("model.embed_tokens.weight") {
            backend.scatterAddRows(scratch.residual.rows(rows), batch.tokens, into: gradient)
        }
    }
}
