import Domain
import Objectives

/// A deterministic generator for test data: SplitMix64.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Makes batches that have just what an objective declares it needs.
struct SyntheticBatch {
    var random: TestRandom
    let requirements: DataRequirements
    /// How many tokens sequences have, and whether some are masked.
    var lengths = 2...6
    var masks = true
    /// How far other policies' log-probabilities are from the policy's.
    var spread = 0.4

    init(_ requirements: DataRequirements, seed: UInt64 = 7) {
        self.requirements = requirements
        random = TestRandom(state: seed)
    }

    /// `count` pairs, groups or sequences.
    mutating func content(_ count: Int = 4) -> ObjectiveBatch.Content {
        switch requirements.kind {
        case .pairs: .pairs((0..<count).map { _ in pair() })
        case .groups: .groups((0..<count).map { _ in group() })
        case .sequences: .sequences((0..<count).map { _ in sequence() })
        }
    }

    private mutating func pair() -> PairTerms {
        var pair = PairTerms(chosen: sequence(), rejected: sequence())
        if requirements.third != nil { pair.third = sequence() }
        if requirements.fields.contains(.preferenceProbability) {
            pair.preferenceProbability = number(0, 1)
        }
        if requirements.fields.contains(.margin) { pair.margin = number(0, 1) }
        pair.weight = number(0.5, 1.5)
        return pair
    }

    private mutating func group() -> GroupTerms {
        let size = max(requirements.minimumGroupSize, 5)
        var group = GroupTerms((0..<size).map { _ in sequence() })
        for index in group.completions.indices { group.completions[index].reward = number(0, 1) }
        group.weight = number(0.5, 1.5)
        return group
    }

    private mutating func sequence() -> SequenceTerms {
        let count = Int.random(in: lengths, using: &random)
        var terms = SequenceTerms(logprobs: list(count, -3, -0.1))
        for field in BatchField.perToken where requirements.fields.contains(field) {
            terms[tokens: field] = tokens(field, terms.logprobs)
        }
        for field in BatchField.perSequence where requirements.fields.contains(field) {
            terms[scalar: field] = number(0, 1)
        }
        if requirements.fields.contains(.label) { terms.label = Bool.random(using: &random) }
        terms.weight = requirements.kind == .sequences ? number(0.5, 1.5) : 1
        if masks, count > 1, Bool.random(using: &random) {
            terms.mask = (0..<count).map {
                $0 == 0 ? 1 : Double(Int.random(in: 0...1, using: &random))
            }
        }
        return terms
    }

    private mutating func tokens(_ field: BatchField, _ logprobs: [Double]) -> [Double] {
        switch field {
        case .referenceLogprobs, .oldLogprobs, .behaviorLogprobs:
            logprobs.map { $0 + number(-spread, spread) }
        // Entropies, divergences and the like are never negative; collisions are at most 1.
        case .entropies, .reverseKL, .forwardKL, .collisions, .teacherKL, .teacherDistances:
            list(logprobs.count, 0.1, 0.9)
        default: list(logprobs.count, -1, 1)
        }
    }

    private mutating func list(_ count: Int, _ lower: Double, _ upper: Double) -> [Double] {
        (0..<count).map { _ in number(lower, upper) }
    }

    private mutating func number(_ lower: Double, _ upper: Double) -> Double {
        Double.random(in: lower...upper, using: &random)
    }
}

extension ObjectiveBatch.Content {
    /// Changes the sequence at `position` in gradient order.
    mutating func change(_ position: Int, _ body: (inout SequenceTerms) -> Void) {
        switch self {
        case .sequences(var list):
            body(&list[position])
            self = .sequences(list)
        case .groups(var list):
            var left = position
            for index in list.indices {
                if list[index].completions.indices.contains(left) {
                    body(&list[index].completions[left])
                    break
                }
                left -= list[index].completions.count
            }
            self = .groups(list)
        case .pairs(var list):
            var left = position
            for index in list.indices {
                let count = list[index].sequences.count
                if left < count {
                    switch left {
                    case 0: body(&list[index].chosen)
                    case 1: body(&list[index].rejected)
                    default:
                        if var third = list[index].third {
                            body(&third)
                            list[index].third = third
                        }
                    }
                    break
                }
                left -= count
            }
            self = .pairs(list)
        }
    }

    /// The elements in another order or number, chosen by their indices.
    func taking(_ indices: [Int]) -> ObjectiveBatch.Content {
        switch self {
        case .pairs(let list): .pairs(indices.map { list[$0] })
        case .groups(let list): .groups(indices.map { list[$0] })
        case .sequences(let list): .sequences(indices.map { list[$0] })
        }
    }
}
