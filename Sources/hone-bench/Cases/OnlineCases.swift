import Domain
import Objectives
import Training

extension BenchmarkCase {
    static let grpo = BenchmarkCase(
        "grpo",
        "2 prompts of 128 tokens, 8 completions of 64 tokens drawn for each, then one GRPO step "
            + "without reference; drawn tokens count"
    ) { bench in try grpoWork(bench, isShared: true) }

    static let grpoApart = BenchmarkCase(
        "grpo-apart",
        "as grpo, each completion with a prompt of its own in drawing and in training",
        leavesOut: Saving(name: "a group's prompt is read and trained once", of: "grpo")
    ) { bench in try grpoWork(bench, isShared: false) }

    private static func grpoWork(_ bench: Workbench, isShared: Bool) throws -> Work {
        let session = try bench.policy(training: .all)
        let shape = session.folder.configuration
        let prompts = TokenSource(shape).texts(2, of: 128)
        let drawing = Drawing(
            session: session,
            prompts: isShared ? prompts : prompts.flatMap { Array(repeating: $0, count: 8) },
            groupSize: isShared ? 8 : 1,
            tokens: 64
        )
        let advantages = try AdvantageCatalogue.make(
            name: "grpo",
            parameters: .object([:]),
            path: "$"
        )
        let objective = try ObjectiveCatalogue.make(
            name: "grpo",
            parameters: ["kl_coefficient": 0],
            path: "$"
        )
        let drawn = UsefulWork(prompts: prompts, groupSize: 8, drawn: 64)
        return Work(
            tokens: drawing.tokenCount,
            usefulOperations: drawn.forward(shape) + drawn.training(shape)
        ) {
            let groups = try drawing.run()
            let batch = try TrainingBatch(drawing.prompts, groups) { completions in
                // Any reward that differs does.
                let rewards = completions.indices.map { Double?(Double($0)) }
                return try advantages.advantages(AdvantageInput(rewards: rewards))
            }
            try TrainingStep(session: session, objective: objective, batch: batch).run()
            return nil
        }
    }

    static let onlineDPO = online("online-dpo", promptTokens: 16)
    static let onlineDPO128 = online("online-dpo-128", promptTokens: 128)

    private static func online(_ name: String, promptTokens: Int) -> BenchmarkCase {
        BenchmarkCase(
            name,
            "4 prompts of \(promptTokens) tokens, 2 completions of 64 tokens drawn for each, the "
                + "reference's log-probabilities, scores of a reward model of the same size, a DPO "
                + "step; all in one process; drawn tokens count"
        ) { bench in
            let iteration = try OnlineIteration(bench, promptTokens: promptTokens)
            return Work(
                tokens: iteration.drawing.tokenCount,
                usefulOperations: iteration.usefulOperations
            ) {
                try iteration.run()
                return nil
            }
        }
    }
}

/// One iteration of online DPO, as a run does it but for the processes.
private struct OnlineIteration {
    let drawing: Drawing
    private let session: PolicySession
    private let reward: RewardSession
    private let prompts: [[Int32]]

    init(_ bench: Workbench, promptTokens: Int) throws {
        session = try bench.policy(training: .all)
        reward = try bench.rewardModel()
        prompts = TokenSource(session.folder.configuration).texts(4, of: promptTokens)
        drawing = Drawing(session: session, prompts: prompts, groupSize: 2, tokens: 64)
    }

    /// Drawing, reference, scores and training.
    var usefulOperations: Double {
        let shape = session.folder.configuration
        let drawn = UsefulWork(prompts: prompts, groupSize: 2, drawn: 64)
        let texts = prompts.flatMap { [$0, $0] }.map { $0 + [Int32](repeating: 0, count: 64) }
        let scored = UsefulWork(texts: texts, predictions: 0)
        return 2 * drawn.forward(shape) + scored.forward(shape) + drawn.training(shape)
    }

    func run() throws {
        let drawn = try session.complete(
            drawing.run(),
            of: drawing.request,
            includesReference: true
        )
        let groups = zip(prompts, drawn).map { prompt, group in
            SequenceGroup(prompt: prompt, completions: group.map { $0.tokens })
        }
        let scores = try score(drawn)
        var batch = TrainingBatch.pairs(groups)
        batch.setReference(drawn.map { $0.map { $0.referenceLogprobs } })
        for index in batch.pairs.indices where scores[2 * index + 1] > scores[2 * index] {
            batch.pairs[index] = .init(chosen: 2 * index + 1, rejected: 2 * index)
        }
        try TrainingStep(session: session, objective: "dpo", batch: batch).run()
    }

    /// Of each completion, from its text.
    private func score(_ drawn: [[SampledSequence]]) throws -> [Double] {
        var texts: [[Int32]] = []
        for (prompt, group) in zip(prompts, drawn) {
            let promptText = session.folder.text.decode(prompt)
            for completion in group {
                texts.append(
                    try reward.reward.tokens(
                        prompt: promptText,
                        completion: completion.text,
                        index: texts.count
                    )
                )
            }
        }
        return reward.reward.scores(texts).map { $0 ?? 0 }
    }
}
