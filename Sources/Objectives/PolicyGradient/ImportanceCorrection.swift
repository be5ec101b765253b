import Domain
import Foundation

/// The constant weight that corrects for a sampler that was not quite the policy: the trainer's old
/// probability over the sampler's, outside of the surrogate.
///
/// With the ratio taken to the old policy this is the decoupled loss of asynchronous training (AReaL,
/// arXiv 2505.24298); truncation is TIS, masking is IcePop.
struct ImportanceCorrection: Sendable {
    /// What is done with weights beyond the bounds; raw values are the JSON names.
    enum Mode: String, Sendable, CaseIterable {
        /// A token's weight is held within the bounds.
        case truncate
        /// A token with a weight outside the bounds is left out.
        case mask
        /// A sequence's weight, the product of its tokens', is held within the bounds.
        case sequenceTruncate = "sequence_truncate"
        /// A sequence with a weight, the product of its tokens', outside the bounds is left out.
        case sequenceMask = "sequence_mask"
        /// A sequence whose mean weight (geometric) is outside the bounds is left out; tokens of the
        /// others keep their own.
        case geometricMask = "geometric_mask"
    }

    let mode: Mode
    let cap: Double?
    let floor: Double
    /// The largest mean of log sampler - log policy with which a sequence of negative advantage is
    /// still learned from (OPSM).
    let drift: Double?

    static let parameters = [
        ParameterDescription(
            "importance_cap",
            .number(.positive),
            default: .null,
            "The largest weight that corrects for the sampler's own log-probabilities; none by default."
        ),
        ParameterDescription(
            "importance_floor",
            .number(.nonNegative),
            default: 0,
            "The smallest such weight."
        ),
        ParameterDescription(
            "importance_mode",
            .choice(Mode.allCases.map(\.rawValue)),
            default: "truncate",
            "What happens to weights outside of the two: held within, or left out, by token or sequence."
        ),
        ParameterDescription(
            "drift_limit",
            .number(.positive),
            default: .null,
            "Sequences of negative advantage are left out when they drifted further than this from the sampler, nat a token; no limit by default."
        ),
    ]

    init(_ parameters: ParameterValues) {
        mode = Mode(rawValue: parameters.string("importance_mode")) ?? .truncate
        cap = parameters.optionalNumber("importance_cap")
        floor = parameters.number("importance_floor")
        drift = parameters.optionalNumber("drift_limit")
    }

    var fields: Set<BatchField> {
        var fields: Set<BatchField> = []
        if cap != nil { fields.formUnion([.oldLogprobs, .behaviorLogprobs]) }
        if drift != nil { fields.insert(.behaviorLogprobs) }
        return fields
    }

    /// The sum of log old - log sampler over a sequence, and how far it drifted, nat a token.
    func prepared(_ held: SequenceView) throws(HoneError) -> [Double] {
        var (gap, drifted) = (0.0, 0.0)
        if cap != nil { gap = try held.sum(.oldLogprobs) - held.sum(.behaviorLogprobs) }
        if drift != nil {
            drifted = (try held.sum(.behaviorLogprobs) - held.logprob.value) / max(held.length, 1)
        }
        return [gap, drifted]
    }

    /// The weight of a token's surrogate, at least 0; 0 leaves it out.
    func weight(_ token: TokenView) throws(HoneError) -> Double {
        if let drift, token.prepared[2] > drift, try token.advantage < 0 { return 0 }
        guard let cap else { return 1 }
        let gap = token.prepared[1]
        let own = try token.number(.oldLogprobs) - token.number(.behaviorLogprobs)
        switch mode {
        case .truncate: return bounded(power(own), cap)
        case .mask: return isInside(power(own), cap) ? power(own) : 0
        case .sequenceTruncate: return bounded(power(gap), cap)
        case .sequenceMask: return isInside(power(gap), cap) ? power(gap) : 0
        case .geometricMask:
            let mean = gap / max(token.sequence.length, 1)
            return isInside(power(mean), cap) ? power(own) : 0
        }
    }

    private func power(_ gap: Double) -> Double { exp(min(gap, 20)) }

    private func bounded(_ weight: Double, _ cap: Double) -> Double { max(min(weight, cap), floor) }

    /// Not a number is not left out: it must show.
    private func isInside(_ weight: Double, _ cap: Double) -> Bool {
        !(weight < floor || weight > cap)
    }
}
