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

    /// Rows of logits that exist at a time, (chunkRows, vocabulary).
    public static func chunkRows(_ shape: ModelConfiguration) -> Int {
        max(16, min(256, chunkBytes / 4 / shape.vocabularySize))
    }

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
        chunkRows = Self.chunkRows(model.configuration)
        logits = Tensor(rows: chunkRows, columns: output.rows)
    }

    /// What the head says of some predicted tokens, and what its backward pass needs.
    public struct Output: Sendable {
        /// Natural-log probability of each target at temperature 1.
        public var logprobs: [Float]
        /// Entropy of each predicting distribution, nat.
        public var entropies: [Float]
        /// The mass of the likeliest tokens of each predicting distribution; empty unless asked for.
        public var topMasses: [Float]
        /// The likeliest tokens of each predicting distribution; empty unless asked for.
        public var topTokens: [[LikelyToken]]
        /// What the comparison asked for, one number for each target.
        public var fields: [DistributionField: [Float]]
        let gathered: Tensor
        let normed: Tensor
        let inverseRMS: Tensor
        let lse: Tensor
        let entropyTensor: Tensor
        let targets: [Int32]
        let rows: [Int32]
        let compared: ComparedRows?
    }

    /// Log-probabilities of `targets`, each predicted from one row of `residual`.
    ///
    /// - Parameters:
    ///   - residual: the model's residual stream.
    ///   - rows: for each target the row that predicts it.
    ///   - targets: the tokens.
    ///   - comparison: what else is computed of the rows' distributions.
    /// - Returns: one number of each kind for each target.
    public func forward(
        _ residual: Tensor,
        rows: [Int32],
        targets: [Int32],
        comparison: HeadComparison = HeadComparison()
    ) -> Output {
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
        let compared = ComparedRows(comparison, rows: rows)
        let topMasses =
            comparison.topCount > 0 ? Tensor(rows: 1, columns: max(1, rows.count)) : nil
        var topTokens: [[LikelyToken]] = []
        for chunk in chunks(rows.count) {
            let part = logits(ofNormed: normed.rows(chunk))
            backend.logSoftmax(
                part,
                targets: targets[chunk],
                lse: lse.columns(chunk),
                logprobs: logprobs.columns(chunk),
                entropies: entropies.columns(chunk)
            )
            if let topMasses {
                backend.topMass(
                    part,
                    count: comparison.topCount,
                    lse: lse.columns(chunk),
                    into: topMasses.columns(chunk)
                )
            }
            if comparison.listsTopTokens {
                topTokens += backend.topTokens(
                    part,
                    count: comparison.topCount,
                    lse: lse.columns(chunk)
                )
            }
            compared?.forward(part, chunk, backend)
        }
        return Output(
            logprobs: Array(logprobs.hostCopy().prefix(rows.count)),
            entropies: Array(entropies.hostCopy().prefix(rows.count)),
            topMasses: topMasses.map { Array($0.hostCopy().prefix(rows.count)) } ?? [],
            topTokens: topTokens,
            fields: compared?.fields(rows.count) ?? [:],
            gathered: gathered,
            normed: normed,
            inverseRMS: inverseRMS,
            lse: lse,
            entropyTensor: entropies,
            targets: targets,
            rows: rows,
            compared: compared
        )
    }

    /// Adds ∂loss/∂ residual and the head's own gradients, from those of each target.
    ///
    /// Fields that are left out of `dFields`, or are 0 throughout, cost nothing; the others are among
    /// those of `output`.
    public func backward(
        _ output: Output,
        dLogprobs: [Float],
        dEntropies: [Float],
        dFields: [DistributionField: [Float]] = [:],
        into dResidual: Tensor
    ) {
        let count = output.rows.count
        if count == 0 { return }
        let slopes = HeadSlopes(dLogprobs: dLogprobs, dEntropies: dEntropies, dFields: dFields)
        precondition(
            DistributionField.allCases.allSatisfy { !slopes.has($0) || output.fields[$0] != nil }
        )
        let dNormed = Tensor(rows: count, columns: output.normed.columns)
        for chunk in chunks(count) {
            let part = logits(ofNormed: output.normed.rows(chunk))
            differentiate(part, output, slopes, chunk)
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

    /// Turns a chunk's logits into their gradient in place.
    private func differentiate(
        _ part: Tensor,
        _ output: Output,
        _ slopes: HeadSlopes,
        _ chunk: Range<Int>
    ) {
        let (dLogprobs, dEntropies) = (
            slopes.dLogprobs.columns(chunk), slopes.dEntropies.columns(chunk)
        )
        guard let compared = output.compared, !slopes.isPlain else {
            backend.logSoftmaxBackward(
                part,
                targets: output.targets[chunk],
                lse: output.lse.columns(chunk),
                entropies: output.entropyTensor.columns(chunk),
                dLogprobs: dLogprobs,
                dEntropies: dEntropies
            )
            return
        }
        backend.distributionBackward(
            part,
            targets: output.targets[chunk],
            lse: output.lse.columns(chunk),
            slopes: DistributionSlopes(
                entropies: output.entropyTensor.columns(chunk),
                dLogprobs: dLogprobs,
                dEntropies: dEntropies,
                collisions: compared.collisions?.columns(chunk) ?? slopes.zeros(chunk),
                dCollisions: slopes.rows(.collisions, chunk),
                comparisons: compared.comparisons(slopes, chunk, backend)
            )
        )
    }

    /// The final norm of chosen rows, for a head whose own gradient is not wanted.
    func normedRows(_ residual: Tensor, rows: [Int32]) -> Tensor {
        let normed = Tensor(rows: rows.count, columns: residual.columns)
        let inverse = Tensor(rows: 1, columns: max(1, rows.count))
        backend.gatherRows(residual, rows, into: normed)
        backend.rmsNorm(
            normed,
            weight: norm,
            epsilon: epsilon,
            into: normed,
            inverseRMS: inverse
        )
        return normed
    }

    /// The logits of at most a chunk of normed rows, valid until the next call.
    func logits(ofNormed normed: Tensor) -> Tensor {
        let part = logits.rows(0..<normed.rows)
        backend.linear(normed, output, into: part, adds: false)
        return part
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
