import Domain
import Foundation
import Kernels
import Models
import Objectives
import Testing

@testable import Training

@Suite struct `A value model of its own` {
    private func plan(_ trainable: TrainableSpec, folder: String? = nil) -> TrainingPlan {
        var plan = TinyModel.plan(trainable)
        plan.trainsValueHead = true
        plan.critic = CriticPlan(folder: folder)
        return plan
    }

    private func step(
        _ session: PolicySession,
        _ name: String = "value_loss",
        valueRate: Double? = nil,
        valuesOnly: Bool = false
    ) throws -> [String: Double] {
        try #require(session.learner).update(
            .withReturns(),
            objective: objective(name),
            learningRate: 0.01,
            valueLearningRate: valueRate,
            movesValuesOnly: valuesOnly
        )
    }

    private func policy(_ session: PolicySession) throws -> [Float] {
        let model = try #require(session.learner).model
        return (model.adapters?.arena ?? model.weights).all.hostCopy()
    }

    private func state(_ session: PolicySession) throws -> [[Float]] {
        let learner = try #require(session.learner)
        return learner.optimizer.groups.flatMap {
            [$0.parameters.all, $0.moment1.all, $0.moment2.all].map { $0.hostCopy() }
        }
    }

    @Test(arguments: Checkpoints.plans)
    func `it learns what returns to expect, and leaves the policy alone`(
        trainable: TrainableSpec
    ) throws {
        let session = try TinyModel().session(training: plan(trainable))
        // What moves the policy in a step on values alone is its weight decay.
        let before = try session.scorer.logprobs(try TrainingBatch.withReturns().groups)
        let first = try step(session, valuesOnly: true)
        var last = first
        for _ in 0..<60 { last = try step(session, valuesOnly: true) }
        let (start, end) = (first["policy/loss"] ?? .nan, last["policy/loss"] ?? .nan)
        #expect(end < start / 4, "\(start) to \(end)")
        let after = try session.scorer.logprobs(try TrainingBatch.withReturns().groups)
        #expect(before == after)
        #expect((first["value/gradient_norm"] ?? 0) > 0)
        #expect(first["optimizer/gradient_norm"] == 0)
        let values = try session.values(try TrainingBatch.withReturns().groups)
        #expect(values.joined().joined().contains { abs($0) > 0.01 })
    }

    @Test func `its gradient reaches its own trunk`() throws {
        let session = try TinyModel().session(training: plan(.all))
        let critic = try #require(session.learner?.critic)
        let before = critic.model.weights.all.hostCopy()
        for _ in 0..<2 { _ = try step(session) }
        #expect(critic.model.weights.all.hostCopy() != before)
        #expect(session.learner?.valueHead == nil)
    }

    @Test(arguments: Checkpoints.plans)
    func `a run that is opened again takes the very next step it would have taken`(
        trainable: TrainableSpec
    ) throws {
        let (model, plan) = (try TinyModel(), plan(trainable))
        let (running, path) = (try model.session(training: plan), model.beside("checkpoint"))
        _ = try step(running, valuesOnly: true)
        _ = try step(running, valueRate: 0.003)
        try running.checkpoint(to: path, includesOptimizer: true, state: Data())
        let saved = try state(running)
        let reopened = try model.session(checkpoint: path, training: plan, policyVersion: 2)
        #expect(try state(reopened) == saved)
        #expect(reopened.learner?.optimizer.valueStepCount == 1)
        let metrics = try [running, reopened].map { try step($0, valueRate: 0.003) }
        #expect(metrics[0] == metrics[1])
        #expect(try state(reopened) == (try state(running)))
        // What other programs load is the language model alone.
        let names = try ModelFolder(path).weights.table.entries.map(\.name)
        #expect(!names.contains { $0.contains("head.value") })
    }

    /// As a fork does that changes the objective.
    @Test func `a checkpoint without one goes on with a fresh one`() throws {
        let model = try TinyModel()
        let session = try model.session(training: TinyModel.plan(.all))
        let batch = try TrainingBatch.withReturns()
        _ = try session.learner?.update(batch, objective: objective("dpo"), learningRate: 0.01)
        let path = model.beside("checkpoint")
        try session.checkpoint(to: path, includesOptimizer: true, state: Data())
        let forked = try model.session(checkpoint: path, training: plan(.all))
        #expect(try policy(forked) == (try policy(session)))
        _ = try step(forked)
        #expect(forked.learner?.optimizer.stepCount == 2)
    }

    @Test func `it may begin as another model of the vocabulary`() throws {
        let other = try TinyModel("tiny-llama-untied")
        let session = try TinyModel().session(training: plan(.all, folder: other.path))
        let first = try step(session)
        var last = first
        for _ in 0..<40 { last = try step(session) }
        #expect((last["policy/loss"] ?? .nan) < (first["policy/loss"] ?? .nan) / 2)
    }

    @Test func `steps on values alone leave the policy, its moments and its count`() throws {
        var plan = TinyModel.plan(.all)
        plan.trainsValueHead = true
        let session = try TinyModel().session(training: plan)
        let before = try state(session)
        for _ in 0..<3 { _ = try step(session, valuesOnly: true) }
        let after = try state(session)
        #expect(Array(after.prefix(3)) == Array(before.prefix(3)))
        #expect(after[3] != before[3])
        // The policy's first own step is as bold as a first step.
        let (batch, dpo) = (try GoldenUpdate.read("tiny-llama-tied").batch, try objective("dpo"))
        _ = try session.learner?.update(batch, objective: dpo, learningRate: 0.01)
        let fresh = try TinyModel().session(training: plan)
        _ = try fresh.learner?.update(batch, objective: dpo, learningRate: 0.01)
        #expect(try policy(session) == (try policy(fresh)))
    }

    @Test func `the plan counts it`() throws {
        let model = try TinyModel()
        let shape = try ModelFolder(model.path).configuration
        let with = try MemoryPlan(shape, training: plan(.all), critic: shape)
        let without = try MemoryPlan(shape, training: plan(.all))
        let weights = try Weights.count(shape)
        #expect(with.checkpointBytes - without.checkpointBytes >= 12 * weights)
        #expect(with.memoryBytes - without.memoryBytes >= 16 * weights)
    }

    private enum Weights {
        static func count(_ shape: ModelConfiguration) throws -> Int {
            ParameterTable(try ArchitectureCatalogue.find(shape.architecture).entries(shape)).count
        }
    }
}
