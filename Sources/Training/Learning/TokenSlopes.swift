import Models
import Objectives

/// ∂loss of a microbatch's completion tokens, by what it is the derivative of, in packed order.
struct TokenSlopes {
    private(set) var logprobs: [Float]
    private var fields: [BatchField: [Float]] = [:]

    init(count: Int) { logprobs = Array(repeating: 0, count: count) }

    /// Adds one sequence's, whose tokens lie at `range`; it may occur more than once.
    mutating func add(_ gradient: SequenceGradient, at range: Range<Int>) {
        for (slot, slope) in zip(range, gradient.logprobs) { logprobs[slot] += Float(slope) }
        for (field, slopes) in gradient.tokens {
            var sums = self[field]
            for (slot, slope) in zip(range, slopes) { sums[slot] += Float(slope) }
            fields[field] = sums
        }
    }

    /// Zeros for what the loss does not depend on.
    subscript(field: BatchField) -> [Float] {
        fields[field] ?? Array(repeating: 0, count: logprobs.count)
    }

    /// Those of whole distributions, as the language head takes them.
    var distributions: [DistributionField: [Float]] {
        var slopes: [DistributionField: [Float]] = [:]
        for (field, values) in fields {
            if let name = DistributionField(field) { slopes[name] = values }
        }
        return slopes
    }
}

extension DistributionField {
    /// The objectives' field of the same meaning; `nil` for others.
    init?(_ field: BatchField) {
        switch field {
        case .reverseKL: self = .reverseKL
        case .forwardKL: self = .forwardKL
        case .collisions: self = .collisions
        case .teacherKL: self = .teacherKL
        case .teacherDistances: self = .teacherDistances
        default: return nil
        }
    }

    /// The objectives' name for it.
    var batchField: BatchField {
        switch self {
        case .reverseKL: .reverseKL
        case .forwardKL: .forwardKL
        case .collisions: .collisions
        case .teacherKL: .teacherKL
        case .teacherDistances: .teacherDistances
        }
    }
}
