public import Domain
public import Kernels

/// One number for each chosen token: the baseline of PPO and its family, on final-normed states.
public struct ValueHead: Sendable {
    /// `value_head.weight` (1, hidden) and `value_head.bias` (1).
    public let weights: ParameterArena
    /// Gradients of `weights`, in the same layout.
    public let gradients: ParameterArena
    private let model: Transformer

    /// A head that predicts 0 everywhere until it is trained.
    public init(_ model: Transformer, weights: ParameterArena? = nil) {
        self.model = model
        let table = Self.table(model.configuration)
        self.weights = weights ?? ParameterArena(table)
        gradients = ParameterArena(table)
    }

    /// The head's parameters.
    public static func table(_ configuration: ModelConfiguration) -> ParameterTable {
        ParameterTable([
            ParameterEntry(
                matrix: "value_head.weight",
                1,
                configuration.hiddenSize,
                initial: .zeros
            ),
            ParameterEntry(vector: "value_head.bias", 1, initial: .zeros),
        ])
    }

    /// Values of some rows, and what the backward pass needs.
    public struct Output: Sendable {
        /// One value a row, in the order given.
        public var values: [Float]
        let rows: [Int32]
        let gathered: Tensor
        let normed: Tensor
        let inverseRMS: Tensor
    }

    /// One value for each of `rows` of the residual stream.
    public func forward(_ residual: Tensor, rows: [Int32]) -> Output {
        let gathered = Tensor(rows: rows.count, columns: residual.columns)
        let normed = Tensor(rows: rows.count, columns: residual.columns)
        let inverse = Tensor(rows: 1, columns: max(1, rows.count))
        let values = Tensor(rows: rows.count, columns: 1)
        model.backend.gatherRows(residual, rows, into: gathered)
        guard let norm = model.weights.tensor("model.norm.weight"),
            let weight = weights.tensor("value_head.weight"),
            let bias = weights.tensor("value_head.bias")
        else { preconditionFailure("the table has these tensors") }
        model.backend.rmsNorm(
            gathered,
            weight: norm,
            epsilon: Float(model.configuration.normEpsilon),
            into: normed,
            inverseRMS: inverse
        )
        model.backend.linear(normed, weight, into: values, adds: false)
        let shift = bias.hostCopy().first ?? 0
        return Output(
            values: values.hostCopy().map { $0 + shift },
            rows: rows,
            gathered: gathered,
            normed: normed,
            inverseRMS: inverse
        )
    }

    /// Adds to the head's gradients and, when given, ∂loss/∂ residual to `dResidual`.
    public func backward(_ output: Output, dValues: [Float], into dResidual: Tensor?) {
        let slope = Tensor(rows: dValues.count, columns: 1)
        slope.assign(dValues)
        guard let norm = model.weights.tensor("model.norm.weight"),
            let weight = weights.tensor("value_head.weight"),
            let dWeight = gradients.tensor("value_head.weight"),
            let dBias = gradients.tensor("value_head.bias")
        else { preconditionFailure("the table has these tensors") }
        model.backend.linearBackwardWeight(slope, output.normed, into: dWeight)
        dBias.assign([(dBias.hostCopy().first ?? 0) + dValues.reduce(0, +)])
        guard let dResidual else { return }
        let dNormed = Tensor(rows: dValues.count, columns: output.normed.columns)
        model.backend.linearBackwardInput(slope, weight, into: dNormed, adds: false)
        let dGathered = Tensor(rows: dValues.count, columns: output.normed.columns)
        model.backend.rmsNormBackward(
            dNormed,
            output.gathered,
            weight: norm,
            inverseRMS: output.inverseRMS,
            into: dGathered,
            dWeight: model.gradients?.tensor("model.norm.weight")
        )
        model.backend.scatterAddRows(dGathered, output.rows, into: dResidual)
    }
}
