import Domain
import Foundation
import Kernels
import Models
import Objectives
import Testing

@testable import Training

/// Reward models with heads of several outputs, on a tiny backbone.
@Suite struct `Reward heads` {
    static let ensemble = RewardHead.ensemble(.init(members: 4, bootstrap: true))
    static let preference = RewardHead.preference(
        .init(dimensions: 4, normalises: false, temperature: 1)
    )
    static let normed = RewardHead.preference(
        .init(dimensions: 4, normalises: true, temperature: 0.5)
    )
    static let pair = RewardHead.pair(.init(template: "{prompt}<{a}|{b}>"))

    private static let words = [
        "good", "bad", "better!", "w0rse", "ok", "a~b", "fine", "no", "yes", "never", "great",
        "dull",
    ]
    private static let texts = words.map { RewardText(prompt: "q", completion: $0) }

    private func session(
        _ model: TinyModel,
        _ head: RewardHead?,
        folder: String? = nil,
        training: TrainingPlan? = nil,
        checkpoint: String? = nil,
        seed: UInt64 = 3
    ) throws -> RewardSession {
        var spec = RewardModelSpec()
        spec.head = head
        return try RewardSession(
            modelFolder: folder ?? model.path,
            checkpointFolder: checkpoint,
            spec: folder == nil && checkpoint == nil ? spec : nil,
            training: training,
            seed: seed,
            backend: CPUBackend(threadCount: 1)
        )
    }

    private var pairs: HeadFitData<RewardText> {
        var data = HeadFitData(method: .bradleyTerry, items: Self.texts)
        (data.chosen, data.rejected) = ([0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11])
        return data
    }

    @Test(arguments: [nil, ensemble])
    func `what was opened is the start of every fit that is held to it`(_ head: RewardHead?) throws
    {
        let model = try TinyModel()
        let session = try session(model, head)
        _ = try session.reward.fitHead(pairs, l2: 1e-3, seed: 3)
        let before = try session.reward.score(Self.texts).map { $0.score ?? .nan }
        var turned = pairs
        (turned.chosen, turned.rejected) = (pairs.rejected, pairs.chosen)
        func refit(_ weight: Double) throws -> [Double] {
            turned.priorPairs = weight
            _ = try session.reward.fitHead(turned, l2: 1e-3, seed: 3)
            return try session.reward.score(Self.texts).map { $0.score ?? .nan }
        }
        let moved = try refit(1)
        #expect(zip(pairs.chosen, pairs.rejected).allSatisfy { moved[$0] < moved[$1] })
        let held = try refit(1e12)
        for (one, other) in zip(held, before) { #expect(abs(one - other) < 1e-3) }
        // What was learned in between is forgotten: the same lessons give the same head.
        #expect(try refit(1) == moved)
    }

    @Test func `a head that compares cannot be held to what it knew`() throws {
        let model = try TinyModel()
        let session = try session(model, Self.preference)
        var lessons = pairs
        lessons.priorPairs = 8
        let error = #expect(throws: HoneError.self) {
            try session.reward.fitHead(lessons, l2: 1, seed: 3)
        }
        #expect(error?.code == .invalidRequest && error?.param == "prior_pairs")
    }

    @Test func `an ensemble scores by the mean of members that learned from samples of their own`()
        throws
    {
        let model = try TinyModel()
        let session = try session(model, Self.ensemble)
        let metrics = try session.reward.fitHead(pairs, l2: 1e-3, seed: 3)
        #expect(metrics["fit/accuracy"] ?? 0 > 0.8)
        let scores = try session.reward.score(Self.texts)
        for score in scores {
            #expect(Set(score.outputs).count == 4)
            #expect(abs((score.score ?? .nan) - score.outputs.reduce(0, +) / 4) < 1e-12)
        }
        let path = model.beside("five")
        try session.checkpoint(to: path, includesOptimizer: false, state: Data())
        let reopened = try self.session(model, nil, folder: path)
        #expect(reopened.reward.kind == .ensemble)
        #expect(try reopened.reward.score(Self.texts) == scores)
        // Another seed, another sample.
        let other = try self.session(model, Self.ensemble)
        _ = try other.reward.fitHead(pairs, l2: 1e-3, seed: 4)
        #expect(try other.reward.score(Self.texts) != scores)
    }

    @Test func `a bootstrap share is about one and differs from member to member`() {
        let share = BootstrapShare(seed: 7)
        let counts = (0..<2000).map { share.weight(member: 1, of: [[Int32($0)]]) }
        #expect(abs(counts.reduce(0, +) / 2000 - 1) < 0.1)
        // e⁻¹ of the elements are never drawn.
        #expect(abs(Double(counts.count { $0 == 0 }) / 2000 - 0.368) < 0.05)
        #expect(counts != (0..<2000).map { share.weight(member: 2, of: [[Int32($0)]]) })
        #expect(counts[5] == share.weight(member: 1, of: [[5]]))
    }

    @Test(arguments: [preference, normed])
    func `comparisons are antisymmetric, and kept when opened again`(_ head: RewardHead) throws {
        let model = try TinyModel()
        let session = try session(model, head)
        let metrics = try session.reward.fitHead(pairs, l2: 1e-3)
        #expect(metrics["fit/accuracy"] == 1)
        let matrices = try session.reward.compare([Self.texts, Array(Self.texts[..<2])])
        let whole = matrices[0]
        for left in whole.indices {
            #expect(whole[left][left] == 0.5)
            for right in whole.indices {
                #expect(abs(whole[left][right] + whole[right][left] - 1) < 1e-12)
            }
        }
        #expect(whole[0][1] > 0.5 && whole[10][11] > 0.5)
        #expect(abs(matrices[1][0][1] - whole[0][1]) < 1e-4)
        let path = model.beside("circle")
        try session.checkpoint(to: path, includesOptimizer: false, state: Data())
        let reopened = try self.session(model, nil, folder: path)
        #expect(try reopened.reward.compare([Self.texts])[0] == whole)
        let refused = #expect(throws: HoneError.self) { try session.reward.score(Self.texts) }
        #expect(refused?.code == .invalidRequest)
    }

    @Test func `a pair head reads both orders and averages them`() throws {
        let session = try session(try TinyModel(), Self.pair)
        var data = pairs
        data.method = .logistic
        let metrics = try session.reward.fitHead(data, l2: 1e-4)
        #expect(metrics["fit/accuracy"] == 1)
        let matrix = try session.reward.compare([Self.texts])[0]
        for (chosen, rejected) in zip(data.chosen, data.rejected) {
            #expect(matrix[chosen][rejected] > 0.5)
            #expect(matrix[chosen][rejected] + matrix[rejected][chosen] == 1)
        }
    }

    /// The texts in pairs of neighbours; for a pair head both in one text, in turn.
    private func batch(_ reward: RewardModel, _ head: RewardHead) throws -> TrainingBatch {
        var tokens: [[Int32]] = []
        if case .pair(let settings) = head {
            let template = TextTemplate(settings.template)
            for index in stride(from: 0, to: Self.texts.count, by: 2) {
                let isSwapped = index % 4 == 0
                let (first, second) = (Self.texts[index], Self.texts[index + 1])
                tokens.append(
                    try reward.tokens(
                        isSwapped ? second : first,
                        isSwapped ? first : second,
                        template,
                        index: index
                    )
                )
            }
        } else {
            tokens = try reward.tokens(Self.texts)
        }
        let isPair = head.kind == .pair
        return TrainingBatch(
            groups: tokens.map { SequenceGroup(prompt: [], completions: [$0]) },
            sequences: tokens.indices.map { index in
                var terms = SequenceTerms(logprobs: [])
                if isPair { terms.label = !index.isMultiple(of: 2) }
                return TrainingBatch.Sequence(group: index, completion: 0, terms: terms)
            },
            pairs: isPair
                ? []
                : stride(from: 0, to: tokens.count, by: 2).map {
                    TrainingBatch.Pair(chosen: $0, rejected: $0 + 1)
                }
        )
    }

    @Test(arguments: [ensemble, preference, normed, pair])
    func `gradient steps lower the loss, and go on from a checkpoint with the same bytes`(
        _ head: RewardHead
    ) throws {
        let model = try TinyModel()
        let objective = try objective(head.kind == .pair ? "binary_labels" : "bradley_terry")
        func step(_ session: RewardSession) throws -> [String: Double] {
            let batch = try batch(session.reward, head)
            let learner = try #require(session.learner)
            return try learner.update(batch, objective: objective, learningRate: 0.01)
        }
        let plan = TinyModel.plan(.topLayers(1))
        let running = try session(model, head, training: plan)
        let losses = try (0..<8).map { _ in try step(running)["reward_model/loss"] ?? .nan }
        #expect(losses[7] < losses[0] - 0.05, "\(losses)")
        let path = model.beside("checkpoint")
        try running.checkpoint(to: path, includesOptimizer: true, state: Data())
        let reopened = try session(model, nil, training: plan, checkpoint: path)
        #expect(try step(running) == step(reopened))
        let texts = try running.reward.tokens(Self.texts)
        #expect(
            running.reward.head.values(running.reward.features(texts))
                == reopened.reward.head.values(reopened.reward.features(texts))
        )
    }

    /// Central differences of one step's loss by the head's own weights.
    @Test(arguments: [ensemble, preference, normed])
    func `the gradient of the head is that of the loss`(_ head: RewardHead) throws {
        let session = try session(try TinyModel(), head, training: TinyModel.plan(.topLayers(1)))
        let learner = try #require(session.learner)
        let bradleyTerry = try objective("bradley_terry")
        let batch = try batch(session.reward, head)
        let weights = try #require(session.reward.head.weights.tensor("score.weight"))
        let start = weights.hostCopy().map { 20 * $0 }
        func loss(_ values: [Float]) throws -> Double {
            weights.assign(values)
            let metrics = try learner.update(batch, objective: bradleyTerry, learningRate: 0)
            return metrics["reward_model/loss"] ?? .nan
        }
        _ = try loss(start)
        let gradient = try #require(session.reward.head.gradients.tensor("score.weight")).hostCopy()
        for index in stride(from: 0, to: start.count, by: start.count / 6) {
            var (up, down) = (start, start)
            up[index] += 1e-2
            down[index] -= 1e-2
            let slope = (try loss(up) - loss(down)) / Double(up[index] - down[index])
            #expect(abs(slope - Double(gradient[index])) < 2e-3 * max(0.05, abs(slope)))
        }
    }
}
