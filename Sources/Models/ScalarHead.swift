public import Domain
public import Kernels

/// One number for a whole text: pooled hidden states times a weight vector (a reward model's head).
///
/// Pooling and the product run on the host in double: they are a millionth of the trunk's work.
public struct ScalarHead: Sendable {
    /// Which hidden states become the features.
    public let pooling: RewardModelSpec.Pooling
    /// Whether the final norm comes before pooling (Hugging Face's classification head) or the raw
    /// residual stream is pooled.
    public let normalises: Bool
    /// `score.weight` (1, features) and `score.bias` (1).
    public let weights: ParameterArena
    /// Gradients of `weights`, in the same layout.
    public let gradients: ParameterArena
    private let model: Transformer

    /// A head over a model's trunk.
    ///
    /// - Parameters:
    ///   - model: the trunk; its final norm is used when `normalises`.
    ///   - pooling: which hidden states become the features.
    ///   - normalises: whether the final norm comes before pooling.
    ///   - weights: `nil` starts from zero.
    public init(
        _ model: Transformer,
        pooling: RewardModelSpec.Pooling,
        normalises: Bool,
        weights: ParameterArena? = nil
    ) {
        self.model = model
        self.pooling = pooling
        self.normalises = normalises
        let table = Self.table(model.configuration, pooling)
        self.weights = weights ?? ParameterArena(table)
        gradients = ParameterArena(table)
    }

    /// The head's parameters.
    public static func table(
        _ configuration: ModelConfiguration,
        _ pooling: RewardModelSpec.Pooling
    ) -> ParameterTable {
        let features = configuration.hiddenSize * (pooling == .lastAndMean ? 2 : 1)
        return ParameterTable([
            ParameterEntry(matrix: "score.weight", 1, features, initial: .zeros),
            ParameterEntry(vector: "score.bias", 1, initial: .zeros),
        ])
    }

    /// Scores of some texts, and what the backward pass needs.
    public struct Output: Sendable {
        /// One score a text, in the order given.
        public var scores: [Double]
        let features: [[Double]]
        let texts: [Range<Int>]
        let residual: Tensor
        let inverseRMS: Tensor?
    }

    /// The pooled features of texts that lie at row ranges of `residual`; none may be empty.
    public func features(_ residual: Tensor, texts: [Range<Int>]) -> [[Double]] {
        pooled(normalised(residual).0, texts)
    }

    /// One score a text.
    public func forward(_ residual: Tensor, texts: [Range<Int>]) -> Output {
        let (states, inverse) = normalised(residual)
        let features = pooled(states, texts)
        return Output(
            scores: features.map(score),
            features: features,
            texts: texts,
            residual: residual,
            inverseRMS: inverse
        )
    }

    /// The score of pooled features.
    public func score(_ features: [Double]) -> Double {
        let (weight, bias) = host()
        return zip(weight, features).reduce(Double(bias)) { $0 + Double($1.0) * $1.1 }
    }

    /// Adds to the head's gradients, and ∂loss/∂ residual to `dResidual` when given.
    public func backward(_ output: Output, dScores: [Double], into dResidual: Tensor?) {
        var dWeight = (gradients.tensor("score.weight")?.hostCopy() ?? []).map { Double($0) }
        var dBias = Double(gradients.tensor("score.bias")?.hostCopy().first ?? 0)
        for (features, slope) in zip(output.features, dScores) {
            for index in dWeight.indices { dWeight[index] += slope * features[index] }
            dBias += slope
        }
        gradients.tensor("score.weight")?.assign(dWeight.map { Float($0) })
        gradients.tensor("score.bias")?.assign([Float(dBias)])
        if let dResidual { residualBackward(output, dScores, into: dResidual) }
    }

    private func residualBackward(_ output: Output, _ dScores: [Double], into dResidual: Tensor) {
        let width = output.residual.columns
        let (weight, _) = host()
        var slopes = [Float](repeating: 0, count: output.residual.rows * width)
        for (text, slope) in zip(output.texts, dScores) {
            if pooling != .mean {
                let row = (text.upperBound - 1) * width
                for channel in 0..<width { slopes[row + channel] += Float(slope) * weight[channel] }
            }
            if pooling == .last { continue }
            let share = Float(slope / Double(text.count))
            let first = pooling == .mean ? 0 : width
            for row in text {
                for channel in 0..<width {
                    slopes[row * width + channel] += share * weight[first + channel]
                }
            }
        }
        let dStates = Tensor(rows: output.residual.rows, columns: width)
        dStates.assign(slopes)
        if let inverse = output.inverseRMS, let norm = model.weights.tensor("model.norm.weight") {
            model.backend.rmsNormBackward(
                dStates,
                output.residual,
                weight: norm,
                inverseRMS: inverse,
                into: dResidual,
                dWeight: model.gradients?.tensor("model.norm.weight")
            )
        } else {
            model.backend.add(dStates, into: dResidual)
        }
    }

    private func host() -> ([Float], Float) {
        (
            weights.tensor("score.weight")?.hostCopy() ?? [],
            weights.tensor("score.bias")?.hostCopy().first ?? 0
        )
    }

    private func normalised(_ residual: Tensor) -> (Tensor, Tensor?) {
        guard normalises, let norm = model.weights.tensor("model.norm.weight") else {
            return (residual, nil)
        }
        let states = Tensor(rows: residual.rows, columns: residual.columns)
        let inverse = Tensor(rows: 1, columns: max(1, residual.rows))
        model.backend.rmsNorm(
            residual,
            weight: norm,
            epsilon: Float(model.configuration.normEpsilon),
            into: states,
            inverseRMS: inverse
        )
        return (states, inverse)
    }

    private func pooled(_ states: Tensor, _ texts: [Range<Int>]) -> [[Double]] {
        let (values, width) = (states.hostCopy(), states.columns)
        return texts.map { text in
            precondition(!text.isEmpty)
            let last = values[(text.upperBound - 1) * width..<text.upperBound * width].map {
                Double($0)
            }
            if pooling == .last { return last }
            var mean = [Double](repeating: 0, count: width)
            for row in text {
                for channel in 0..<width { mean[channel] += Double(values[row * width + channel]) }
            }
            for channel in 0..<width { mean[channel] /= Double(text.count) }
            return pooling == .mean ? mean : last + mean
        }
    }
}
