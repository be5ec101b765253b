import Domain
import Kernels
import Objectives
import Training
import WorkerProtocol

// The requests that compute.
extension NumericHandler {
    func encode(
        _ item: WorkerRequest.EncodeItem,
        _ job: WorkerRequest.Encode
    ) throws -> WorkerReply.Encoded {
        let text = try text()
        var prompt: [Int32]
        if case .text(let raw) = item.prompt {
            prompt = text.encode(text: raw, recognisingSpecialTokens: job.recognisesSpecialTokens)
        } else {
            prompt = try text.encode(item.prompt)
        }
        let completion = item.completion.map { text.encode(completion: $0, ends: item.ends) } ?? []
        return WorkerReply.Encoded(
            promptTokens: Packed(prompt),
            completionTokens: Packed(completion),
            renderedPrompt: try text.render(item.prompt)
                ?? text.decode(prompt)
        )
    }

    func logprobs(_ job: WorkerRequest.Logprobs, _ progress: WorkerProgress) throws -> WorkerReply {
        let session = try openedPolicy()
        let groups = job.groups.map { SequenceGroup($0) }
        let total = groups.reduce(0) { $0 + $1.tokenCount }
        func report(_ completed: Int) { progress.update(completed: completed, total: total) }
        let result =
            switch job.source {
            case .policy: try session.scorer.logprobs(groups, progress: report)
            case .reference: try session.reference.logprobs(groups, progress: report)
            case .values: try session.values(groups, progress: report)
            }
        return .logprobs(result.map { $0.map { Packed($0) } })
    }

    func measure(_ job: WorkerRequest.Measure, _ progress: WorkerProgress) throws -> WorkerReply {
        let groups = job.groups.map { SequenceGroup($0) }
        let total = groups.reduce(0) { $0 + $1.tokenCount }
        let figures = try openedPolicy().figures(
            groups,
            topCount: job.topCount,
            listsTopTokens: job.listsTopTokens,
            comparesReference: job.comparesReference
        ) { progress.update(completed: $0, total: total) }
        return .measured(
            figures.map { group in
                group.map { tokens in
                    var figures = WorkerReply.TokenFigures(
                        entropies: Packed(tokens.map(\.entropy)),
                        topMasses: Packed(tokens.map(\.topMass)),
                        divergences: Packed(tokens.compactMap(\.divergence))
                    )
                    let top = tokens.flatMap(\.topTokens)
                    figures.topTokens = Packed(top.map(\.token))
                    figures.topLogprobs = Packed(top.map(\.logprob))
                    return figures
                }
            }
        )
    }

    func score(_ job: WorkerRequest.Score, _ progress: WorkerProgress) throws -> WorkerReply {
        let texts = job.items.map { RewardText($0) }
        let reward = try openedReward().reward
        let scores = try reward.score(texts) {
            progress.update(completed: $0, total: texts.count)
        }
        let isEnsemble = reward.kind == .ensemble
        return .scored(
            scores.map { .init(score: $0.score, outputs: $0.outputs, isEnsemble: isEnsemble) }
        )
    }

    func compare(_ job: WorkerRequest.Compare, _ progress: WorkerProgress) throws -> WorkerReply {
        let groups = job.groups.map { $0.map { RewardText($0) } }
        let reward = try openedReward().reward
        // A pair head reads every pair of a group in both orders.
        let total = groups.reduce(0) {
            $0 + (reward.kind == .pair ? $1.count * ($1.count - 1) : $1.count)
        }
        let matrices = try reward.compare(groups) {
            progress.update(completed: $0, total: total)
        }
        return .compared(matrices.map { $0.map { Packed($0.map { Float($0) }) } })
    }

    func fitHead(_ job: WorkerRequest.FitHead, _ progress: WorkerProgress) throws -> WorkerReply {
        let data = job.map { RewardText($0) }
        return .metrics(
            try openedReward().reward.fitHead(data, l2: headL2, seed: rewardSeed) {
                progress.update(completed: $0, total: data.items.count)
            }
        )
    }

    func update(_ job: WorkerRequest.Update, _ progress: WorkerProgress) throws -> WorkerReply {
        let objective: any Objective
        do throws(Faults) {
            objective = try ObjectiveCatalogue.make(
                name: job.objective.name,
                parameters: job.objective.parameters,
                path: "$.objective"
            )
        } catch {
            throw HoneError(.invalidSpec, error.description, param: "objective")
        }
        let batch = try TrainingBatch(job)
        let total = batch.groups.reduce(0) { $0 + $1.tokenCount }
        if let session = try? openedPolicy(), let learner = session.learner {
            session.beginLearning(objective.requirements)
            guard learner.policyVersion == job.expectedPolicyVersion else {
                throw HoneError(
                    .staleVersion,
                    "the policy is at version \(learner.policyVersion), not \(job.expectedPolicyVersion)",
                    param: "expected_policy_version"
                )
            }
            let metrics = try learner.update(
                batch,
                objective: objective,
                learningRate: job.learningRate,
                valueLearningRate: job.valueLearningRate,
                movesValuesOnly: job.movesValuesOnly
            ) { progress.update(completed: $0, total: total) }
            return .updated(
                .init(
                    policyVersion: learner.policyVersion,
                    step: learner.optimizer.stepCount,
                    metrics: metrics
                )
            )
        }
        guard let learner = try openedReward().learner else {
            throw HoneError(.internalError, "the open model was not opened for training")
        }
        let metrics = try learner.update(
            batch,
            objective: objective,
            learningRate: job.learningRate
        ) { progress.update(completed: $0, total: total) }
        let step = learner.optimizer.stepCount
        return .updated(.init(policyVersion: step, step: step, metrics: metrics))
    }
}
