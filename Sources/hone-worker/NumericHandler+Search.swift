import Domain
import Training
import WorkerProtocol

extension NumericHandler {
    /// Searches for the likeliest completions of each prompt, one prompt after another.
    func search(
        _ job: WorkerRequest.Sample,
        _ beam: WorkerRequest.Beam,
        _ progress: WorkerProgress
    ) throws -> WorkerReply {
        let session = try openedPolicy()
        let engine = session.sampler.engine
        let search = BeamSearch(model: engine.model, head: engine.head, text: engine.text)
        let prompts = try job.prompts.map { try session.folder.text.encode($0) }
        var groups: [[SampledSequence]] = []
        for (index, prompt) in prompts.enumerated() {
            groups.append(
                try search.search(
                    BeamRequest(
                        prompt: prompt,
                        width: beam.width,
                        count: job.groupSize,
                        lengthPenalty: beam.lengthPenalty,
                        maxTokens: job.sampling.maxTokens,
                        stop: job.sampling.stop
                    )
                )
            )
            progress.update(completed: index + 1, total: prompts.count)
        }
        if job.includesReference { groups = try session.addReferences(groups, to: prompts) }
        return .sampled(
            zip(prompts, groups).map { prompt, group in
                .init(
                    promptTokens: Packed(prompt),
                    completions: group.map { .init($0) },
                    policyVersion: session.policyVersion
                )
            }
        )
    }
}
