public import Domain
public import Kernels

/// A few numbers for a whole text: pooled hidden states times a matrix (a reward model's head).
///
/// Pooling and the product run on the host in double: they are a millionth of the trunk's work.
public struct ScalarHead: Sendable {
    /// Which hidden states become the features.
    public let pooling: RewardModelSpec.Pooling
    /// Whether the final norm comes before pooling (Hugging Face's classification head) or the raw
    /// residual stream is pooled.
    public let normalises: Bool
    /// How many numbers a text is given.
    public let outputs: Int
    /// `score.weight` (outputs, features) and `score.bias` (outputs).
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
    ///   - outputs: how many numbers a text is given.
    ///   - weights: `nil` starts from zero.
    public init(
        _ model: Transformer,
        pooling: RewardModelSpec.Pooling,
        normalises: Bool,
        outputs: Int = 1,
        weights: ParameterArena? = nil
    ) {
        self.model = model
        self.pooling = pooling
        self.normalises = normalises
        self.outputs = outputs
        let table = Self.table(model.configuration, pooling, outputs: outputs)
        self.weights = weights ?? ParameterArena(table)
        gradients = ParameterArena(table)
    }

    /// The head's parameters.
    public static func table(
        _ configuration: ModelConfiguration,
        _ pooling: RewardModelSpec.Pooling,
        outputs: Int = 1
    ) -> ParameterTable {
        let features = configuration.hiddenSize * (pooling == .lastAndMean ? 2 : 1)
        return ParameterTable([
            ParameterEntry(matrix: "score.weight", outputs, features, initial: .zeros),
            ParameterEntry(vector: "score.bias", outputs, initial: .zeros),
        ])
    }

    /// Numbers of some texts, and what the backward pass needs.
    public struct Output: Sendable {
        /// The numbers of each text, in the order given: (texts, outputs).
        public var values: [[Double]]
        /// The pooled features of each text: (texts, features).
        public let features: [[Double]]
        let texts: [Range<Int>]
        let residual: Tensor
        let inverseRMS: Tensor?

        /// The first number of each text: the score of a head with one output.
        public var scores: [Double] { values.map { $0[0] } }
    }

    /// The pooled features of texts that lie at row ranges of `residual`; none may be empty.
    public func features(_ residual: Tensor, texts: [Range<Int>]) -> [[Double]] {
        pooled(normalised(residual).0, texts)
    }

    /// The numbers of each text.
    public func forward(_ residual: Tensor, texts: [Range<Int>]) -> Output {
        let (states, inverse) = normalised(residual)
        let features = pooled(states, texts)
        return Output(
            values: values(features),
            features: features,
            texts: texts,
            residual: residual,
            inverseRMS: inverse
        )
    }

    /// The numbers of each text's pooled features: (texts, outputs).
    public func values(_ features: [[Double]]) -> [[Double]] {
        let (weight, bias) = host()
        let width = weight.count / outputs
        return features.map { row in
            bias.indices.map { output in
                var sum = Double(bias[output])
                for index in 0..<width {
                    sum += Double(weight[output * width + index]) * row[index]
                }
                return sum
            }
        }
    }

    /// Adds to the head's gradients, and ∂loss/∂ residual to `dResidual` when given.
    ///
    /// - Parameters:
    ///   - output: of the forward pass.
    ///   - dValues: ∂loss/∂ each number: (texts, outputs).
    ///   - dResidual: where the trunk's gradient is added to.
    public func backward(_ output: Output, dValues: [[Double]], into dResidual: Tensor?) {
        var dWeight = (gradients.tensor("score.weight")?.hostCopy() ?? []).map { Double($0) }
        var dBias = (gradients.tensor("score.bias")?.hostCopy() ?? []).map { Double($0) }
        let width = dWeight.count / outputs
        for (features, slopes) in zip(output.features, dValues) {
            for (place, slope) in slopes.enumerated() {
                let row = place * width
                for index in 0..<width { dWeight[row + index] += slope * features[index] }
                dBias[place] += slope
            }
        }
        gradients.tensor("score.weight")?.assign(dWeight.map { Float($0) })
        gradients.tensor("score.bias")?.assign(dBias.map { Float($0) })
        if let dResidual { residualBackward(output, dValues, into: dResidual) }
    }

    private func residualBackward(_ output: Output, _ dValues: [[Double]], into dResidual: Tensor) {
        let dStates = Tensor(rows: output.residual.rows, columns: output.residual.columns)
        dStates.assign(stateSlopes(output, dValues))
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

    /// ∂loss/∂ the pooled states: (rows, width).
    private func stateSlopes(_ output: Output, _ dValues: [[Double]]) -> [Float] {
        let width = output.residual.columns
        let (weight, _) = host()
        let features = weight.count / outputs
        var slopes = [Float](repeating: 0, count: output.residual.rows * width)
        for (text, values) in zip(output.texts, dValues) {
            for (place, slope) in values.enumerated() {
                let own = weight[place * features..<(place + 1) * features]
                spread(slope, own, over: text, width, &slopes)
            }
        }
        return slopes
    }

    private func spread(
        _ slope: Double,
        _ weight: ArraySlice<Float>,
        over text: Range<Int>,
        _ width: Int,
        _ slopes: inout [Float]
    ) {
        let start = weight.startIndex
        if pooling != .mean {
            let row = (text.upperBound - 1) * width
            for channel in 0..<width {
                slopes[row + channel] += Float(slope) * weight[start + channel]
            }
        }
        if pooling == .last { return }
        let share = Float(slope / Double(text.count))
        let first = start + (pooling == .mean ? 0 : width)
        for row in text {
            for channel in 0..<width {
                slopes[row * width + channel] += share * weight[first + channel]
            }
        }
    }

    private func host() -> ([Float], [Float]) {
        (
            weights.tensor("score.weight")?.hostCopy() ?? [],
            weights.tensor("score.bias")?.hostCopy() ?? []
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
