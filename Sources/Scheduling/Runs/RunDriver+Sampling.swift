import Domain
import Objectives
import Store
import WorkerProtocol

extension RunDriver {
    /// What the seed of evaluation draws differs by: the golden ratio's first 64 bits.
    ///
    /// Evaluation draws from a stream of its own, the same at every iteration, so that iterations
    /// can be compared.
    static let evaluationSeedOffset: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// What the seed of the opponent's draws differs by: that of SplitMix64's second multiplier.
    ///
    /// An opponent that is the policy draws other completions than the policy did.
    static let opponentSeedOffset: UInt64 = 0xBF58_476D_1CE4_E5B9

    /// Whether the reference's log-probabilities are kept with every sampled rollout: the objective
    /// learns from them, or they are the only measure of the KL.
    private var trainingNeedsReference: Bool {
        if spec.reference == .absent { return false }
        // The previous iteration's log-probabilities are those of the policy that samples.
        let isStored = inputs.objective.needsReference && spec.reference != .previousIteration
        return isStored || inputs.evaluationPrompts.isEmpty
            || inputs.stages?.pipeline.needsReference == true
    }

    /// Draws and stores one unit of an iteration's completions, unless that is done already.
    func sample(_ unit: WorkUnit) async throws(HoneError) {
        guard try await !isStored(unit, .training) else { return }
        let (places, chosen) = try await prompts(of: unit)
        var request = WorkerRequest.Sample(
            prompts: chosen.map(\.prompt),
            promptStreams: chosen.map(\.stream),
            groupSize: spec.groupSize,
            sampling: spec.sampling,
            seed: spec.seed,
            includesReference: trainingNeedsReference
        )
        var drawn = try await draw(request, places: places, iteration: unit.iteration)
        let layout = inputs.layout(spec)
        for role in [GroupLayout.Role.greedy, .opponent] where !layout[role].isEmpty {
            prepare(&request, for: role, layout)
            drawn += try await draw(
                request,
                places: places,
                firstSample: layout[role].lowerBound,
                iteration: unit.iteration
            )
        }
        drawn = restored(drawn, chosen, from: places.lowerBound)
        metrics.addSampledTokens(drawn.reduce(0) { $0 + $1.rollout.completionTokens.count })
        _ = try await context.store.insertRollouts(
            drawn,
            run: record.id,
            purpose: .training,
            iteration: unit.iteration,
            unit: unit.index
        )
    }

    /// Turns the request for the policy's completions into that for another's of the same prompts.
    private func prepare(
        _ request: inout WorkerRequest.Sample,
        for role: GroupLayout.Role,
        _ layout: GroupLayout
    ) {
        request.groupSize = layout[role].count
        request.sampling = spec.sampling.atOneTemperature
        switch role {
        case .policy: break
        case .greedy:
            request.includesReference = false
            request.sampling.temperature = 0
        case .opponent:
            request.includesReference = trainingNeedsReference
            request.mixture = spec.opponent?.mixture ?? 0
            request.seed = spec.seed ^ Self.opponentSeedOffset
            // Whatever the policy's weights are rounded to, the reference's are not.
            request.sampling.weights = nil
        }
    }

    /// Draws and stores completions of some held-out prompts, unless that is done already.
    func evaluationSample(_ unit: WorkUnit) async throws(HoneError) {
        guard try await !isStored(unit, .evaluation) else { return }
        let groupSize = spec.evaluation?.groupSize ?? 1
        let places = BatchPlan.places(
            ofUnit: unit.index,
            prompts: inputs.evaluationPrompts.count,
            groupSize: groupSize
        )
        let drawn = try await draw(
            WorkerRequest.Sample(
                prompts: places.map { inputs.evaluationPrompts[$0] },
                promptStreams: Array(places),
                groupSize: groupSize,
                sampling: spec.sampling.atOneTemperature,
                seed: spec.seed ^ Self.evaluationSeedOffset,
                includesReference: spec.reference != .absent
            ),
            places: places
        )
        _ = try await context.store.insertRollouts(
            drawn,
            run: record.id,
            purpose: .evaluation,
            iteration: unit.iteration,
            unit: unit.index
        )
    }

    private func isStored(
        _ unit: WorkUnit,
        _ purpose: RolloutRecord.Purpose
    ) async throws(HoneError) -> Bool {
        try await !context.store.rollouts(
            run: record.id,
            iteration: unit.iteration,
            purpose: purpose,
            unit: unit.index,
            limit: 1
        ).items.isEmpty
    }

    /// Has the policy draw that samples `iteration`; without one, for an evaluation, the policy as it
    /// is now.
    private func draw(
        _ request: WorkerRequest.Sample,
        places: Range<Int>,
        firstSample: Int = 0,
        iteration: Int? = nil
    ) async throws(HoneError) -> [NewRollout] {
        let reply: WorkerReply
        if machine.shape.overlaps, let iteration {
            let source = machine.shape.samplingPolicy(of: iteration)
            reply = try await sampler.sample(request, policyAfter: source)
        } else {
            reply = try await askForCompletions(request)
        }
        guard case .sampled(let groups) = reply else { throw unexpected(reply) }
        guard groups.count == request.prompts.count,
            groups.allSatisfy({ $0.completions.count == request.groupSize })
        else {
            throw HoneError(.internalError, "the worker sampled another number of completions")
        }
        return zip(places, zip(request.prompts, groups)).flatMap { place, group in
            group.1.rollouts.enumerated().map { index, rollout in
                NewRollout(
                    promptIndex: place,
                    sampleIndex: firstSample + index,
                    prompt: group.0,
                    rollout: rollout
                )
            }
        }
    }
}

extension WorkerReply.SampledGroup {
    /// The group as rollouts.
    var rollouts: [Rollout] {
        completions.map { completion in
            Rollout(
                promptTokens: promptTokens.elements,
                completionTokens: completion.tokens.elements,
                text: completion.text,
                logprobs: completion.logprobs.elements,
                samplingLogprobs: completion.samplingLogprobs.elements,
                referenceLogprobs: completion.referenceLogprobs.elements,
                policyVersion: policyVersion,
                stopReason: completion.stopReason
            )
        }
    }
}
