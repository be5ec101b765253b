import Domain
import Foundation
import Kernels
import Models
import Objectives
import Testing

@testable import Training

@Suite struct `Reward session` {
    private static let texts = ["good", "bad", "better!", "w0rse", "ok", "a~b", "fine", "no"]

    private static let items = texts.map { RewardText(prompt: "q", completion: $0) }

    private func session(
        _ model: TinyModel,
        folder: String? = nil,
        spec: RewardModelSpec?,
        training: TrainingPlan? = nil,
        checkpoint: String? = nil
    ) throws -> RewardSession {
        try RewardSession(
            modelFolder: folder ?? model.path,
            checkpointFolder: checkpoint,
            spec: spec,
            training: training,
            backend: CPUBackend(threadCount: 1)
        )
    }

    private func tokens(_ reward: RewardModel) throws -> [[Int32]] {
        try Self.texts.enumerated().map { index, text in
            try reward.tokens(prompt: "q", completion: text, index: index)
        }
    }

    @Test(arguments: RewardModelSpec.Pooling.allCases, [1, nil])
    func `a fitted head ranks its pairs and scores the same when opened again`(
        pooling: RewardModelSpec.Pooling,
        layers: Int?
    ) throws {
        let model = try TinyModel("tiny-llama-untied")
        var spec = RewardModelSpec()
        (spec.pooling, spec.layers) = (pooling, layers)
        let session = try session(model, spec: spec)
        #expect(session.configuration.layerCount == layers ?? 2)
        let tokens = try tokens(session.reward)
        var data = HeadFitData(method: .bradleyTerry, items: Self.items)
        (data.chosen, data.rejected) = ([0, 2, 4, 6], [1, 3, 5, 7])
        let metrics = try session.reward.fitHead(data, l2: 1e-4)
        // Four pairs in 32 dimensions can always be told apart.
        #expect(metrics["fit/accuracy"] == 1)
        let scores = session.reward.scores(tokens)
        let path = model.beside("reward")
        try session.checkpoint(to: path, includesOptimizer: false, state: Data())
        let reopened = try self.session(model, folder: path, spec: nil)
        #expect(reopened.reward.scores(tokens) == scores)
        #expect(scores.allSatisfy { $0 != nil })
        #expect(try ModelFolder(path).rewardHead != nil)
    }

    @Test func `a text's score does not depend on the texts beside it`() throws {
        let session = try session(try TinyModel(), spec: RewardModelSpec())
        let tokens = try tokens(session.reward)
        var data = HeadFitData(method: .ridge, items: Self.items)
        data.ratings = (0..<8).map { Double($0) }
        _ = try session.reward.fitHead(data, l2: 1e-4)
        let together = session.reward.scores(tokens)
        for (text, score) in zip(tokens, together) {
            let alone = try #require(session.reward.scores([text])[0])
            #expect(abs(alone - (score ?? .nan)) < 1e-4)
        }
    }

    /// The texts as completions without prompts, in pairs of neighbours.
    private func batch(_ tokens: [[Int32]]) -> TrainingBatch {
        let groups = tokens.map { SequenceGroup(prompt: [], completions: [$0]) }
        let members = tokens.indices.map {
            TrainingBatch.Sequence(group: $0, completion: 0, terms: SequenceTerms(logprobs: []))
        }
        let pairs = stride(from: 0, to: tokens.count, by: 2).map {
            TrainingBatch.Pair(chosen: $0, rejected: $0 + 1)
        }
        return TrainingBatch(groups: groups, sequences: members, pairs: pairs)
    }

    @Test(arguments: [TrainableSpec.all, .topLayers(1), .lora(rank: 2, alpha: 2)])
    func `gradient steps lower the loss, whatever the cut, and go on from a checkpoint`(
        trainable: TrainableSpec
    ) throws {
        let model = try TinyModel()
        let bradleyTerry = try objective("bradley_terry")
        func step(_ session: RewardSession) throws -> [String: Double] {
            let batch = batch(try tokens(session.reward))
            let learner = try #require(session.learner)
            return try learner.update(batch, objective: bradleyTerry, learningRate: 0.01)
        }
        var losses: [[Double]] = []
        for budget in [64 << 20, 1] {
            let plan = TinyModel.plan(trainable, activationMemoryBytes: budget)
            let running = try session(model, spec: RewardModelSpec(), training: plan)
            let first = try (0..<3).map { _ in try step(running)["reward_model/loss"] ?? .nan }
            let path = model.beside("reward-checkpoint")
            try running.checkpoint(to: path, includesOptimizer: true, state: Data())
            let reopened = try session(model, spec: nil, training: plan, checkpoint: path)
            let (next, again) = (try step(running), try step(reopened))
            #expect(next == again)
            let texts = try tokens(running.reward)
            #expect(running.reward.scores(texts) == reopened.reward.scores(texts))
            losses.append(first + [next["reward_model/loss"] ?? .nan])
        }
        // Four pairs at a head of zeros: −log σ(0).
        #expect(abs(losses[0][0] - log(2)) < 1e-6)
        #expect(losses[0][3] < losses[0][0] - 0.05)
        for (whole, cut) in zip(losses[0], losses[1]) { #expect(abs(whole - cut) < 1e-4) }
    }

    @Test func `a language model is not a reward model`() throws {
        let error = #expect(throws: HoneError.self) { try session(try TinyModel(), spec: nil) }
        #expect(error?.code == .unsupportedModel)
    }

    @Test func `texts that are empty or too long are refused with their place`() throws {
        let reward = try session(try TinyModel(), spec: RewardModelSpec()).reward
        let empty = #expect(throws: HoneError.self) {
            try reward.tokens(prompt: "", completion: "", index: 3)
        }
        #expect(empty?.param == "items[3]")
        let long = #expect(throws: HoneError.self) {
            try reward.tokens(prompt: "", completion: String(repeating: "x", count: 129), index: 1)
        }
        #expect(long?.code == .promptTooLong && long?.param == "items[1]")
    }
}
