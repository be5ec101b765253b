import Domain
import Kernels
import Training
import WorkerProtocol

/// A request for completions while it shares the batch with others.
struct SharedSample {
    let id: Int
    let engine: SamplingEngine
    let job: SamplingJob
    /// Whether log-probabilities are told with tokens as they are drawn.
    let tellsLikelihoods: Bool
    let includesReference: Bool
}

// Sampling: requests of several clients are drawn in one batch.
extension NumericHandler {
    func begin(_ request: WorkerRequest, id: Int) throws -> Bool {
        guard case .sample(let order) = request else { return false }
        let session = try openedPolicy()
        var sample = SampleRequest(
            prompts: try order.prompts.map { try session.folder.text.encode($0) },
            streams: order.promptStreams,
            groupSize: order.groupSize,
            parameters: order.sampling,
            seed: order.seed
        )
        sample.mixture = order.mixture
        sample.reportsTokens = order.reportsTokens
        sample.reportedAlternatives = order.reportedAlternatives ?? 0
        let engine = try session.engine(for: sample)
        samples.append(
            SharedSample(
                id: id,
                engine: engine,
                job: try engine.submit(sample),
                tellsLikelihoods: order.reportedAlternatives != nil,
                includesReference: order.includesReference
            )
        )
        return true
    }

    func advance(progress: WorkerProgress) -> [SharedAnswer] {
        guard let session = try? openedPolicy() else { return [] }
        session.workingEngine.step()
        progress.sampling = session.sampler.engine.statistics
        noteDrawn(session.folder.text)
        let total = samples.reduce(0) { $0 + $1.job.request.mostTokens }
        let drawn = samples.reduce(0) { $0 + $1.job.drawnTokens }
        progress.update(completed: drawn, total: total)
        let done = samples.filter { $0.job.isFinished }
        samples.removeAll { $0.job.isFinished }
        return done.map { sample in
            SharedAnswer(
                id: sample.id,
                result: Result {
                    try answer(sample, session) {
                        progress.update(completed: drawn + $0, total: total)
                    }
                }
            )
        }
    }

    func takeDrawn() -> [(id: Int, tokens: [DrawnToken])] {
        defer { drawn = [] }
        return drawn
    }

    /// Keeps what was drawn for those that want to see it.
    private func noteDrawn(_ text: TextCodec) {
        for sample in samples where sample.job.request.reportsTokens {
            let names = sample.tellsLikelihoods ? text : nil
            let tokens = sample.job.takeReports().map { DrawnToken($0, names: names) }
            if !tokens.isEmpty { drawn.append((sample.id, tokens)) }
        }
    }

    func drop(id: Int) {
        for sample in samples where sample.id == id { sample.engine.cancel(sample.job) }
        samples.removeAll { $0.id == id }
    }

    private func answer(
        _ sample: SharedSample,
        _ session: PolicySession,
        progress: (Int) -> Void
    ) throws -> WorkerReply {
        let (job, request) = (sample.job, sample.job.request)
        let groups = try session.complete(
            job.completions,
            of: request,
            includesReference: sample.includesReference,
            progress: progress
        )
        return .sampled(
            request.prompts.indices.map { index in
                .init(
                    promptTokens: Packed(request.prompts[index]),
                    completions: groups[index].map { .init($0) },
                    policyVersion: session.policyVersion,
                    cachedPromptTokens: job.cachedPromptTokens[index]
                )
            }
        )
    }
}

extension DrawnToken {
    /// With log-probabilities where there are names for their tokens.
    fileprivate init(_ token: SampledToken, names: TextCodec?) {
        self.init(
            prompt: token.prompt,
            sample: token.sample,
            place: token.place,
            token: token.token,
            text: token.text,
            likelihood: names.map { Likelihood(token, names: $0) }
        )
    }
}

extension DrawnToken.Likelihood {
    fileprivate init(_ token: SampledToken, names: TextCodec) {
        // What is impossible has no finite logarithm, and messages hold finite numbers only.
        func finite(_ logprob: Float) -> Float { logprob.isFinite ? logprob : -9999 }
        self.init(
            name: names.decode([token.token]),
            logprob: finite(token.logprob),
            alternatives: token.alternatives.map {
                Alternative(
                    token: $0.token,
                    name: names.decode([$0.token]),
                    logprob: finite($0.logprob)
                )
            }
        )
    }
}

extension SampleRequest {
    /// Tokens there will be if every completion becomes as long as it may.
    fileprivate var mostTokens: Int { prompts.count * groupSize * parameters.maxTokens }
}
