import Domain
import Training
import WorkerProtocol

// Memory before anything is loaded.
extension NumericHandler {
    func plan(_ job: WorkerRequest.Plan) throws -> WorkerReply {
        let folder = try ModelFolder(job.modelFolder)
        let isReward = job.rewardModel != nil || folder.rewardHead != nil
        let plan = try MemoryPlan(
            folder.configuration,
            role: isReward ? .reward(layers: job.rewardModel?.layers) : .policy,
            training: job.training,
            teachers: try job.teacherFolders.map { try ModelFolder($0).configuration },
            critic: try critic(job, folder),
            workload: job.workload.map { MemoryWorkload($0, folder.text) }
        )
        return .planned(
            .init(
                memoryBytes: plan.memoryBytes,
                sharedBytes: plan.sharedBytes,
                weightsFolder: folder.weightsPath,
                checkpointBytes: plan.checkpointBytes,
                trainableParameterCount: plan.trainableParameterCount
            )
        )
    }
}

extension NumericHandler {
    /// The shape of the value model, if the plan has one.
    private func critic(
        _ job: WorkerRequest.Plan,
        _ policy: ModelFolder
    ) throws -> ModelConfiguration? {
        guard let training = job.training, training.trainsValueHead, let critic = training.critic
        else { return nil }
        return try critic.folder.map { try ModelFolder($0).configuration }
            ?? policy.configuration
    }
}

extension MemoryWorkload {
    /// Counts the tokens of what will be done at once.
    fileprivate init(_ job: WorkerRequest.Workload, _ text: TextCodec) {
        self.init()
        promptTokens = job.prompts.map { Self.tokens(of: $0, text) }
        groupSize = job.groupSize
        maximumNewTokens = job.maxTokens
        usesReference = job.usesReference
        comparesReference = job.comparesReference
        scoresMismatched = job.scoresMismatched
        movesReference = job.movesReference
        opponentCount = job.opponentCount
        opponentMixture = job.opponentMixture
        // Nothing follows a completion's last token, so that it is not computed.
        let trained = job.trainedCompletions * max(0, job.maxTokens - 1)
        var elements = job.trainedCompletions > 0 ? promptTokens.map { $0 + trained } : []
        for element in job.elements { elements.append(Self.tokens(of: element, text)) }
        elementTokens = Array(elements.sorted(by: >).prefix(job.elementsPerStep))
    }

    /// A prompt that several completions share counts once; an end token stands for the last one.
    private static func tokens(
        of element: [WorkerRequest.EncodeItem],
        _ text: TextCodec
    ) -> Int {
        var prompts: Set<Prompt> = []
        var tokens = 0
        for item in element {
            if item.completion == nil || prompts.insert(item.prompt).inserted {
                tokens += self.tokens(of: item.prompt, text)
            }
            if let completion = item.completion {
                tokens += text.encode(completion: completion, ends: false).count
            }
        }
        return tokens
    }

    /// Zero for what cannot be rendered: it is refused with its place when the data is read.
    private static func tokens(of prompt: Prompt, _ text: TextCodec) -> Int {
        (try? text.encode(prompt).count) ?? 0
    }
}
