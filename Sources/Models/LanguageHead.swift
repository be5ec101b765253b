public import Domain
public import Kernels

extension ModelConfiguration {
    /// The matrix that turns hidden states into logits.
    var outputMatrixName: String {
        tiesEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"
    }
}

/// Final norm, output matrix and log-softmax over chosen rows only, in chunks: a tokens × vocabulary
/// matrix never exists.
public final class LanguageHead: Sendable {
    private let backend: any Backend
    private let norm: Tensor
    private let normGradient: Tensor?
    private let output: Tensor
    private let outputGradient: Tensor?
    private let epsilon: Float
    private let decoding: DecodingWeights?
    private let chunkRows: Int
    private let logits: Tensor

    /// Bytes of logits that exist at a time.
    public static let chunkBytes = 24 << 20

    /// The head of `model`, over its own final norm and output (or tied embedding) matrix.
    ///
    /// - Throws: `invalidModelFile` when one of the two tensors is missing.
    public init(_ model: Transformer) throws(HoneError) {
        backend = model.backend
        decoding = model.decoding
        let outputName = model.configuration.outputMatrixName
        guard let norm = model.weights.tensor("model.norm.weight"),
            let output = model.weights.tensor(outputName)
        else {
            throw HoneError(.invalidModelFile, "tensor \(outputName) is missing", param: outputName)
        }
        self.norm = norm
        self.output = output
        normGradient = model.gradients?.tensor("model.norm.weight")
        outputGradient = model.gradients?.tensor(outputName)
        epsilon = Float(model.configuration.normEpsilon)
        chunkRows = max(16, min(256, Self.chunkBytes / 4 / output.rows))
        logits = Tensor(rows: chunkRows, columns: output.rows)
    }

    /// What the head says of some predicted tokens, and what its backward pass needs.
    public struct Output: Sendable {
        /// Natural-log probability of each target at temperature 1.
        public var logprobs: [Float]
        /// Entropy of each predicting distribution, nat.
        public var entropies: [Float]
        let gathered: Tensor
        let normed: Tensor
        let inverseRMS: Tensor
        let lse: Tensor
        let entropyTensor: Tensor
        let targets: [Int32]
        let rows: [Int32]
    }

    /// Log-probabilities of `targets`, each predicted from one row of `residual`.
    public func forward(_ residual: Tensor, rows: [Int32], targets: [Int32]) -> Output {
        let gathered = Tensor(rows: rows.count, columns: residual.columns)
        let normed = Tensor(rows: rows.count, columns: residual.columns)
        let inverseRMS = Tensor(rows: 1, columns: max(1, rows.count))
        let lse = Tensor(rows: 1, columns: max(1, rows.count))
        let (logprobs, entropies) = (
            Tensor(rows: 1, columns: max(1, rows.count)),
            Tensor(rows: 1, columns: max(1, rows.count))
        )
        backend.gatherRows(residual, rows, into: gathered)
        backend.rmsNorm(
            gathered,
            weight: norm,
            epsilon: epsilon,
            into: normed,
            inverseRMS: inverseRMS
        )
        for chunk in chunks(rows.count) {
            let part = logits.rows(0..<chunk.count)
            backend.linear(normed.rows(chunk), output, into: part, adds: false)
            backend.logSoftmax(
                part,
                targets: targets[chunk],
                lse: lse.columns(chunk),
                logprobs: logprobs.columns(chunk),
                entropies: entropies.columns(chunk)
            )
        }
        return Output(
            logprobs: Array(logprobs.hostCopy().prefix(rows.count)),
            entropies: Array(entropies.hostCopy().prefix(rows.count)),
            gathered: gathered,
            normed: normed,
            inverseRMS: inverseRMS,
            lse: lse,
            entropyTensor: entropies,
            targets: targets,
            rows: rows
        )
    }

    /// Adds ∂loss/∂ residual and the head's own gradients, from those of each target.
    public func backward(
        _ output: Output,
        dLogprobs: [Float],
        dEntropies: [Float],
        into dResidual: Tensor
    ) {
        let count = output.rows.count
        if count == 0 { return }
        let (dLogprob, dEntropy) = (
            Tensor(rows: 1, columns: count), Tensor(rows: 1, columns: count)
        )
        dLogprob.assign(dLogprobs)
        dEntropy.assign(dEntropies)
        let dNormed = Tensor(rows: count, columns: output.normed.columns)
        for chunk in chunks(count) {
            let part = logits.rows(0..<chunk.count)
            backend.linear(output.normed.rows(chunk), self.output, into: part, adds: false)
            backend.logSoftmaxBackward(
                part,
                targets: output.targets[chunk],
                lse: output.lse.columns(chunk),
                entropies: output.entropyTensor.columns(chunk),
                dLogprobs: dLogprob.columns(chunk),
                dEntropies: dEntropy.columns(chunk)
            )
            if let outputGradient {
                backend.linearBackwardWeight(part, output.normed.rows(chunk), into: outputGradient)
            }
            backend.linearBackwardInput(part, self.output, into: dNormed.rows(chunk), adds: false)
        }
        let dGathered = Tensor(rows: count, columns: output.normed.columns)
        backend.rmsNormBackward(
            dNormed,
            output.gathered,
            weight: norm,
            inverseRMS: output.inverseRMS,
            into: dGathered,
            dWeight: normGradient
        )
        backend.scatterAddRows(dGathered, output.rows, into: dResidual)
    }

    /// The logits of some rows, for sampling: (rows, vocabulary), valid until the next call.
    ///
    /// At most `maximumLogitRows` rows.
    public func logits(_ residual: Tensor, rows: [Int32], scratch: Tensor) -> Tensor {
        precondition(rows.count <= chunkRows)
        let gathered = scratch.rows(0..<rows.count)
        let inverse = Tensor(rows: 1, columns: max(1, rows.count))
        backend.gatherRows(residual, rows, into: gathered)
        backend.rmsNorm(
            gathered,
            weight: norm,
            epsilon: epsilon,
            into: gathered,
            inverseRMS: inverse
        )
        let part = logits.rows(0..<rows.count)
        if let panels = decoding?.head {
            backend.linear(gathered, panels, into: part, adds: false)
        } else {
            backend.linear(gathered, output, into: part, adds: false)
        }
        return part
    }

    /// Rows that one call of `logits` takes.
    public var maximumLogitRows: Int { chunkRows }

    private func chunks(_ count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: chunkRows).map { $0..<min(count, $0 + chunkRows) }
    }
}
