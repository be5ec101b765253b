public import Domain
import Models

// Opponents: mixtures of policy and reference, which are drawn by engines of their own.
extension PolicySession {
    /// The engine that draws a request: the policy's, or that of the mixture it asks for.
    ///
    /// - Throws: `invalidSpec` for a mixture with a reference that is not there.
    public func engine(for request: SampleRequest) throws(HoneError) -> SamplingEngine {
        if request.mixture <= 0 { return sampler.engine }
        let reference = try referenceModel
        // A mixture's engine takes every share: each request names its own.
        let isReference = request.mixture >= 1
        return opponentEngine(isReference: isReference) {
            let policy = sampler.engine
            let made =
                isReference
                ? SamplingEngine(model: reference.model, head: reference.head, text: policy.text)
                : SamplingEngine(
                    model: policy.model,
                    head: policy.head,
                    text: policy.text,
                    partner: MixturePartner(model: reference.model, head: reference.head)
                )
            made.weightsVersion = policy.weightsVersion
            return made
        }
    }

    /// The engine whose turn it is: one works off what it has before the next begins, since they
    /// share the policy's packed weights.
    public var workingEngine: SamplingEngine {
        ([sampler.engine] + opponentEngines).first { !$0.isIdle } ?? sampler.engine
    }
}
