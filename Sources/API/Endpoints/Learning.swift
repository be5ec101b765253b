import APITypes
import Domain
import HTTP
import Presentation
import Scheduling
import Store

extension EndpointTable {
    /// Scoring and updating.
    static let learning: [Endpoint] = [
        Endpoint(
            .post,
            "/v1/rewards",
            "Score completions; null means unscored.",
            needs: .generate,
            request: RewardsRequest.schema,
            reply: .json(ScoresObject.schema),
            errors: [.unknownReward, .unknownModel, .unknownRollout, .workerLost],
            maxBodyBytes: 64 << 20
        ) { call in
            let request = try RewardsRequest(call.body)
            var items: [RewardItem] = []
            for item in request.items { items.append(try await text(item, call.control)) }
            let results = try await call.control.score(reward: request.reward, items: items)
            return try call.reply(ScoresObject(results.map { ScoreObject($0) }))
        },
        Endpoint(
            .post,
            "/v1/updates",
            "One optimizer step of an external run; answers when it is done.",
            needs: .train,
            request: UpdatesRequest.schema,
            reply: .json(UpdateObject.schema),
            errors: [
                .unknownRun, .unknownRollout, .immutableModel, .staleVersion, .conflict,
                .notANumber, .workerLost,
            ],
            creates: true,
            maxBodyBytes: 64 << 20
        ) { call in
            let request = try UpdatesRequest(call.body)
            var batch = batch(request)
            if let filter = request.feedback {
                batch.feedback = FeedbackFilter(filter)
                if let run = filter.run {
                    batch.feedback?.runID = try await call.control.feedback.run(run)
                }
            }
            let result = try await call.control.update(run: request.run, batch: batch)
            var object = UpdateObject(
                policyVersion: result.policyVersion,
                step: result.step,
                metrics: result.metrics
            )
            if request.feedback != nil { object.feedback = result.feedback }
            return try call.reply(object)
        },
    ]

    private static func text(
        _ item: RewardsRequest.Item,
        _ control: any ControlService
    ) async throws(HoneError) -> RewardItem {
        switch item {
        case .text(let prompt, let completion, let fields):
            return RewardItem(prompt: prompt, completion: completion, item: fields)
        case .rollout(let id):
            let record = try await control.rollout(id)
            return RewardItem(
                prompt: record.prompt.rewardText,
                completion: record.prompt.prefill + record.rollout.text
            )
        }
    }

    private static func batch(_ request: UpdatesRequest) -> UpdateBatch {
        UpdateBatch(
            objective: request.objective,
            expectedPolicyVersion: request.expectedPolicyVersion,
            learningRate: request.learningRate,
            sequences: request.sequences.map { sequence in
                UpdateSequence(
                    source: source(sequence.source),
                    tokens: sequence.tokens,
                    scalars: sequence.scalars,
                    weight: sequence.weight,
                    label: sequence.label
                )
            },
            pairs: request.pairs.map { pair in
                UpdatePair(
                    chosen: pair.chosen,
                    rejected: pair.rejected,
                    third: pair.third,
                    thirdName: pair.thirdName,
                    margin: pair.margin,
                    preferenceProbability: pair.preferenceProbability,
                    weight: pair.weight
                )
            },
            groups: request.groups
        )
    }

    private static func source(_ source: UpdatesRequest.Sequence.Source) -> UpdateSequence.Source {
        switch source {
        case .rollout(let id): .rollout(id)
        case .text(let prompt, let completion): .text(prompt: prompt, completion: completion)
        case .tokens(let prompt, let completion): .tokens(prompt: prompt, completion: completion)
        }
    }
}

extension FeedbackFilter {
    /// What a client asks for; its run is looked up by who asks.
    init(_ filter: UpdatesRequest.Feedback) {
        self.init()
        (iteration, annotator, source) = (filter.iteration, filter.annotator, filter.source)
        (again, limit) = (filter.again, filter.limit)
    }
}
