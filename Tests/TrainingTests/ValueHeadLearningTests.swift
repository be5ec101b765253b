import Domain
import Foundation
import Kernels
import Models
import Objectives
import Testing

@testable import Training

@Suite struct `Value head beside a policy` {
    private func plan(_ trainable: TrainableSpec, trainsValueHead: Bool = true) -> TrainingPlan {
        var plan = TinyModel.plan(trainable)
        plan.trainsValueHead = trainsValueHead
        return plan
    }

    private func step(_ session: PolicySession, rate: Double = 0.01) throws -> [String: Double] {
        try #require(session.learner)
            .update(
                .withReturns(),
                objective: objective("value_loss"),
                learningRate: rate
            )
    }

    /// Every byte that goes on: weights, adapters, value head and moments.
    private func state(_ session: PolicySession) throws -> [[Float]] {
        let learner = try #require(session.learner)
        let groups = learner.optimizer.groups.flatMap {
            [$0.parameters.all, $0.moment1.all, $0.moment2.all]
        }
        return groups.map { $0.hostCopy() }
    }

    @Test func `it learns what returns to expect`() throws {
        let session = try TinyModel().session(training: plan(.all))
        let first = try step(session)
        var last = first
        for _ in 0..<40 { last = try step(session) }
        let (start, end) = (first["policy/loss"] ?? .nan, last["policy/loss"] ?? .nan)
        #expect(end < start / 10, "\(start) to \(end)")
        // A head that predicts 0 explains nothing of what varies.
        #expect(abs(first["value/explained_variance"] ?? .nan) < 1e-6)
        #expect((last["value/explained_variance"] ?? 0) > 0.8)
    }

    @Test func `values are those that the objective saw`() throws {
        let session = try TinyModel().session(training: plan(.all))
        let batch = try TrainingBatch.withReturns()
        let fresh = try session.values(batch.groups)
        #expect(fresh.joined().joined().allSatisfy { $0 == 0 })
        #expect(
            fresh.map { $0.map { $0.count } }
                == batch.groups.map { $0.completions.map { $0.count } }
        )
        _ = try step(session)
        let values = try session.values(batch.groups)
        var objective = FieldObjective([.values])
        let (group, completion) = (batch.sequences[3].group, batch.sequences[3].completion)
        let expected = values[group][completion].map { Double($0) }
        objective.observe = { terms in
            // Scoring and training may run the trunk in passes of other sizes.
            let gaps = zip(terms[3].values ?? [], expected).map { abs($0 - $1) }
            #expect(gaps.count == expected.count && (gaps.max() ?? 1) < 1e-6)
        }
        _ = try session.learner?.update(batch, objective: objective, learningRate: 0)
        #expect(expected.contains { abs($0) > 0.01 })
    }

    @Test(arguments: Checkpoints.plans)
    func `a run that is opened again takes the very next step it would have taken`(
        trainable: TrainableSpec
    ) throws {
        let (model, plan) = (try TinyModel(), plan(trainable))
        let (running, path) = (try model.session(training: plan), model.beside("checkpoint"))
        for _ in 0..<2 { _ = try step(running) }
        try running.checkpoint(to: path, includesOptimizer: true, state: Data())
        let saved = try state(running)
        let reopened = try model.session(checkpoint: path, training: plan, policyVersion: 2)
        #expect(try state(reopened) == saved)
        let metrics = try [running, reopened].map { try step($0) }
        #expect(metrics[0] == metrics[1])
        #expect(try state(reopened) == (try state(running)))
        #expect(try state(reopened) != saved)
        // What other programs load is the language model alone.
        let listing = try ModelFolder(path).weights.table.entries
        #expect(!listing.contains { $0.name.hasPrefix("value_head") })
    }

    /// External updates may name another objective at any time.
    @Test func `it is made when an objective first trains it`() throws {
        let (model, plan) = (try TinyModel(), plan(.all, trainsValueHead: false))
        let (running, path) = (try model.session(training: plan), model.beside("checkpoint"))
        let batch = try TrainingBatch.withReturns()
        let error = #expect(throws: HoneError.self) { try running.values(batch.groups) }
        #expect(error?.code == .invalidSpec)
        _ = try running.learner?.update(batch, objective: objective("dpo"), learningRate: 0.01)
        #expect(running.learner?.valueHead == nil)
        _ = try step(running)
        #expect(running.learner?.valueHead != nil)
        try running.checkpoint(to: path, includesOptimizer: true, state: Data())
        let reopened = try model.session(checkpoint: path, training: plan, policyVersion: 2)
        #expect(try state(reopened) == (try state(running)))
        _ = try step(running)
        _ = try step(reopened)
        #expect(try state(reopened) == (try state(running)))
    }

    /// As a fork does that changes the objective.
    @Test func `a checkpoint without one goes on with a fresh one`() throws {
        let model = try TinyModel()
        let session = try model.session(training: plan(.all, trainsValueHead: false))
        let batch = try TrainingBatch.withReturns()
        _ = try session.learner?.update(batch, objective: objective("dpo"), learningRate: 0.01)
        let path = model.beside("checkpoint")
        try session.checkpoint(to: path, includesOptimizer: true, state: Data())
        let forked = try model.session(checkpoint: path, training: plan(.all))
        #expect(try state(forked).prefix(3) == (try state(session)).prefix(3))
        #expect(try forked.values(batch.groups).joined().joined().allSatisfy { $0 == 0 })
        _ = try step(forked)
        #expect(forked.learner?.optimizer.stepCount == 2)
    }

    @Test func `a file that is damaged or lost is named`() throws {
        let model = try TinyModel()
        let session = try model.session(training: plan(.all))
        let path = model.beside("checkpoint")
        try session.checkpoint(to: path, includesOptimizer: true, state: Data())
        let file = URL(fileURLWithPath: path + "/" + ValueHeadFile.name)
        for damage in [
            { try Data("{}".utf8).write(to: file) },
            { try FileManager.default.removeItem(at: file) },
        ] {
            try damage()
            let error = #expect(throws: HoneError.self) {
                try model.session(checkpoint: path, training: plan(.all))
            }
            #expect(error?.code == .invalidModelFile)
            #expect(error?.message.contains(ValueHeadFile.name) == true)
        }
    }
}
