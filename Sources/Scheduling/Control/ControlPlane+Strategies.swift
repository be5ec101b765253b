import Domain
import WorkerProtocol

// Choosing among completions that a client asked for.
extension ControlPlane {
    /// What the worker draws or searches for.
    func workerRequest(_ request: SampleRequest) -> WorkerRequest.Sample {
        var order = WorkerRequest.Sample(
            prompts: request.prompts,
            promptStreams: Array(request.prompts.indices),
            groupSize: request.groupSize,
            sampling: request.sampling,
            seed: request.seed,
            includesReference: request.includesReference
        )
        switch request.strategy {
        case .sample: break
        case .bestOf(let candidates), .rejection(let candidates, _): order.groupSize = candidates
        case .beam(let width, let lengthPenalty):
            order.beam = .init(width: width, lengthPenalty: lengthPenalty)
        }
        return order
    }

    /// The completions of each prompt that the request's reward chooses.
    ///
    /// - Throws: `invalidRequest` without a reward, or when it leaves a prompt's candidates unscored.
    func chosen(
        _ groups: [RolloutGroup],
        _ request: SampleRequest
    ) async throws(HoneError) -> [RolloutGroup] {
        guard let reward = request.reward else {
            throw HoneError(.invalidRequest, "the strategy chooses by a reward", param: "reward")
        }
        let items = groups.flatMap { group in
            group.rollouts.map { rollout in
                RewardItem(
                    prompt: group.prompt.rewardText,
                    completion: group.prompt.prefill + rollout.text
                )
            }
        }
        var results = try await score(reward: reward, items: items)[...]
        var chosen: [RolloutGroup] = []
        for (index, group) in groups.enumerated() {
            let own = Array(results.prefix(group.rollouts.count))
            results = results.dropFirst(group.rollouts.count)
            let choice = choice(own.map(\.score), request, prompt: index)
            guard !choice.places.isEmpty else {
                throw HoneError(
                    .invalidRequest,
                    "the reward scored no completion of prompt \(index): nothing can be chosen",
                    param: "reward"
                )
            }
            var picked = RolloutGroup(
                prompt: group.prompt,
                rollouts: choice.places.map { group.rollouts[$0] }
            )
            picked.results = choice.places.map { own[$0] }
            (picked.candidates, picked.acceptance) = (own.count, choice.acceptance)
            chosen.append(picked)
        }
        return chosen
    }

    private func choice(
        _ rewards: [Double?],
        _ request: SampleRequest,
        prompt: Int
    ) -> CandidateChoice {
        guard case .rejection(_, let beta) = request.strategy else {
            return .best(request.groupSize, of: rewards)
        }
        var random = PhiloxSequence(seed: request.seed, stream: UInt64(prompt))
        return .accepted(request.groupSize, of: rewards, beta: beta, random: &random)
    }
}
