import Kernels

/// The predicting rows of the models that a policy is compared with, and what came of it.
struct ComparedRows: Sendable {
    /// One model's rows, normed, from which each chunk's logits are computed anew.
    private struct Companion {
        let head: LanguageHead
        let normed: Tensor

        init(_ companion: HeadComparison.Companion, rows: [Int32]) {
            head = companion.head
            normed = companion.head.normedRows(companion.residual, rows: rows)
        }

        /// Valid until the next call.
        func logits(_ chunk: Range<Int>) -> Tensor { head.logits(ofNormed: normed.rows(chunk)) }
    }

    let collisions: Tensor?
    private let reference: Companion?
    private let teacher: Companion?
    private let contrast: Companion?
    private let fromReference: Divergence
    private let fromTeacher: Divergence
    private let distances: Tensor
    private let strength: Float
    private let leastWeight: Float

    /// `nil` when nothing is to be compared.
    init?(_ comparison: HeadComparison, rows: [Int32]) {
        guard
            comparison.includesCollisions || comparison.reference != nil
                || comparison.teacher != nil
        else { return nil }
        let count = max(1, rows.count)
        reference = comparison.reference.map { Companion($0, rows: rows) }
        teacher = comparison.teacher.map { Companion($0, rows: rows) }
        contrast = comparison.contrast.map { Companion($0, rows: rows) }
        collisions = comparison.includesCollisions ? Tensor(rows: 1, columns: count) : nil
        fromReference = Divergence(rows: count)
        fromTeacher = Divergence(rows: count)
        distances = Tensor(rows: 1, columns: count)
        strength = Float(comparison.strength)
        leastWeight = Float(comparison.leastWeight)
    }

    /// Compares one chunk of the policy's logits.
    func forward(_ logits: Tensor, _ chunk: Range<Int>, _ backend: any Backend) {
        if let collisions { backend.collisions(logits, into: collisions.columns(chunk)) }
        if let reference {
            let others = reference.logits(chunk)
            backend.divergence(logits, from: others, into: fromReference.rows(chunk))
        }
        if let others = teacherLogits(chunk, backend) {
            backend.divergence(logits, from: others, into: fromTeacher.rows(chunk))
        }
    }

    /// The models that a loss with these slopes takes, for one chunk's backward pass.
    func comparisons(
        _ slopes: HeadSlopes,
        _ chunk: Range<Int>,
        _ backend: any Backend
    ) -> [DistributionSlopes.Comparison] {
        var list: [DistributionSlopes.Comparison] = []
        if let reference, slopes.has(.reverseKL) || slopes.has(.forwardKL) {
            list.append(
                .init(
                    logits: reference.logits(chunk),
                    divergence: fromReference.rows(chunk),
                    dReverse: slopes.rows(.reverseKL, chunk),
                    dForward: slopes.rows(.forwardKL, chunk)
                )
            )
        }
        if slopes.has(.teacherKL), let logits = teacherLogits(chunk, backend) {
            list.append(
                .init(
                    logits: logits,
                    divergence: fromTeacher.rows(chunk),
                    dReverse: slopes.rows(.teacherKL, chunk),
                    dForward: slopes.zeros(chunk)
                )
            )
        }
        return list
    }

    /// The results of `count` rows.
    func fields(_ count: Int) -> [DistributionField: [Float]] {
        var fields: [DistributionField: [Float]] = [:]
        func set(_ field: DistributionField, _ tensor: Tensor) {
            fields[field] = Array(tensor.hostCopy().prefix(count))
        }
        if let collisions { set(.collisions, collisions) }
        if reference != nil {
            set(.reverseKL, fromReference.reverse)
            set(.forwardKL, fromReference.forward)
        }
        if teacher != nil {
            set(.teacherKL, fromTeacher.reverse)
            set(.teacherDistances, distances)
        }
        return fields
    }

    private func teacherLogits(_ chunk: Range<Int>, _ backend: any Backend) -> Tensor? {
        guard let logits = teacher?.logits(chunk) else { return nil }
        if let contrast {
            backend.mixTeacher(
                logits,
                contrast: contrast.logits(chunk),
                strength: strength,
                floor: leastWeight,
                distances: distances.columns(chunk)
            )
        }
        return logits
    }
}

/// ∂loss of what a head gave, by field; fields whose slopes are all 0 are left out.
struct HeadSlopes {
    let dLogprobs: Tensor
    let dEntropies: Tensor
    private let fields: [DistributionField: Tensor]
    private let none: Tensor

    init(
        dLogprobs: [Float],
        dEntropies: [Float],
        dFields: [DistributionField: [Float]]
    ) {
        func row(_ values: [Float]) -> Tensor {
            let tensor = Tensor(rows: 1, columns: values.count)
            tensor.assign(values)
            return tensor
        }
        self.dLogprobs = row(dLogprobs)
        self.dEntropies = row(dEntropies)
        fields = dFields.filter { item in item.value.contains { $0 != 0 } }.mapValues(row)
        none = Tensor(rows: 1, columns: dLogprobs.count)
    }

    /// Whether log-softmax's own backward pass is all there is to do.
    var isPlain: Bool { fields.isEmpty }

    func has(_ field: DistributionField) -> Bool { fields[field] != nil }

    func rows(_ field: DistributionField, _ chunk: Range<Int>) -> Tensor {
        (fields[field] ?? none).columns(chunk)
    }

    func zeros(_ chunk: Range<Int>) -> Tensor { none.columns(chunk) }
}
