import Domain
import Foundation

/// The stages of a policy gradient inside the loss: ratio, surrogate, weight for data of another
/// policy, KL penalty, entropy bonus and aggregation.
struct PolicyStages: Sendable {
    let ratio: PolicyRatio
    let ratioBase: BatchField
    let surrogate: PolicySurrogate
    let clip: ClosedRange<Double>
    let dualClip: Double?
    /// The sigmoid gate's sharpness for positive and negative advantages.
    let gate: (positive: Double, negative: Double)
    let kl: PolicyKL
    let klPlacement: PolicyKL.Placement
    let klCoefficient: Double
    let entropyCoefficient: Double
    let correction: ImportanceCorrection
    let aggregation: LossAggregation
    private let usesRatio: Bool
    /// The data that these stages call for.
    let fields: Set<BatchField>

    init(_ parameters: ParameterValues) {
        func word<Word: RawRepresentable>(_ name: String, _ fallback: Word) -> Word
        where Word.RawValue == String {
            Word(rawValue: parameters.string(name)) ?? fallback
        }
        ratio = word("ratio", .token)
        ratioBase = parameters.string("ratio_base") == "behavior" ? .behaviorLogprobs : .oldLogprobs
        surrogate = word("surrogate", .clip)
        clip = word("clip_bounds", ClipBounds.difference)
            .range(parameters.number("clip_low"), parameters.number("clip_high"))
        dualClip = parameters.optionalNumber("dual_clip")
        gate = (parameters.number("gate_positive"), parameters.number("gate_negative"))
        kl = word("kl_estimator", .k3)
        klPlacement = word("kl_placement", .loss)
        klCoefficient = parameters.number("kl_coefficient")
        entropyCoefficient = parameters.number("entropy_coefficient")
        correction = ImportanceCorrection(parameters)
        aggregation = LossAggregation(
            word("aggregation", .tokenMean),
            length: Double(parameters.integer("max_length"))
        )
        usesRatio = ratio != .none && surrogate != .likelihood && surrogate != .shaped
        var fields: Set<BatchField> = [.advantages]
        if usesRatio { fields.insert(ratioBase) }
        if klCoefficient > 0 { fields.insert(kl.field) }
        if entropyCoefficient > 0 { fields.insert(.entropies) }
        self.fields = fields.union(correction.fields)
    }

    /// What is summed over a sequence once: the ratio's base, and what the correction needs.
    func prepared(_ held: SequenceView) throws(HoneError) -> [Double] {
        let base = isOfSequence ? try held.sum(ratioBase) : 0
        return [base] + (try correction.prepared(held))
    }

    private var isOfSequence: Bool {
        usesRatio && (ratio == .sequenceSum || ratio == .sequenceMean)
    }

    /// The loss of one token.
    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let weight = try correction.weight(token)
        let surrogate = try surrogateLoss(token)
        // A weight of 0 is a mask: what is behind it may be infinite.
        var loss = weight == 0 ? Dual(0) : weight * surrogate
        if klCoefficient > 0 && klPlacement == .loss {
            loss += klCoefficient * (try kl.penalty(token))
        }
        if entropyCoefficient > 0 {
            loss += -entropyCoefficient * (try token.variable(.entropies))
        }
        return loss
    }

    /// Whether the clipped branch holds, so that the token gives no gradient (or a capped weight).
    func isClipped(_ token: TokenView) throws(HoneError) -> Bool {
        guard fields.contains(ratioBase), surrogate == .clip || surrogate == .weighted else {
            return false
        }
        let (ratio, advantage) = (try ratio(token).value, try advantage(token))
        if surrogate == .weighted { return !clip.contains(ratio) }
        let clipped = min(max(ratio, clip.lowerBound), clip.upperBound)
        return -advantage * clipped > -advantage * ratio
    }

    private func advantage(_ token: TokenView) throws(HoneError) -> Double {
        let advantage = try token.advantage
        guard klCoefficient > 0, klPlacement == .advantage else { return advantage }
        return advantage - klCoefficient * (try kl.penalty(token.held)).value
    }

    private func surrogateLoss(_ token: TokenView) throws(HoneError) -> Dual {
        let advantage = try advantage(token)
        switch surrogate {
        case .clip: return clipped(try ratio(token), advantage)
        case .linear: return -advantage * (try ratio(token))
        case .weighted:
            let weight = try ratio(token.held).clamped(to: clip).value
            return -(weight * advantage) * token.logprob
        case .sigmoid:
            let sharpness = advantage > 0 ? gate.positive : gate.negative
            return -(4 / sharpness * advantage)
                * sigmoid(sharpness * (try ratio(token) - 1))
        case .likelihood: return -advantage * token.logprob
        case .shaped:
            // π / (π + 0.1), without an exponential that may overflow.
            return -advantage * sigmoid(token.logprob + Self.shapeOffset)
        }
    }

    /// -ln 0.1, the 0.1 of the surrogate `shaped`.
    private static let shapeOffset: Double = log(10)

    private func clipped(_ ratio: Dual, _ advantage: Double) -> Dual {
        let pessimistic = larger(-advantage * ratio, -advantage * ratio.clamped(to: clip))
        guard let dualClip, advantage < 0 else { return pessimistic }
        return smaller(pessimistic, Dual(-dualClip * advantage))
    }

    /// Exponents are held within bounds as published trainers do: ±20, and ±10 for the mean of a
    /// sequence (verl).
    private func ratio(_ token: TokenView) throws(HoneError) -> Dual {
        switch ratio {
        case .token: return try token.ratio(to: ratioBase)
        case .none: return exp(token.logprob - token.held.logprob)
        case .sequenceSum:
            let sum = token.sequence.logprob - token.prepared[0]
            return exp(sum.clamped(to: -20...20))
        case .sequenceMean:
            let sum = token.sequence.logprob - token.prepared[0]
            return exp((sum / max(token.sequence.length, 1)).clamped(to: -10...10))
        }
    }
}
