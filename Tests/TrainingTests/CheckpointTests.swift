import Domain
import Foundation
import Kernels
import Models
import Testing

@testable import Training

@Suite struct `Checkpoints` {
    static let plans: [TrainableSpec] = [.all, .topLayers(1), .lora(rank: 2, alpha: 4)]

    private func trained(_ session: PolicySession) throws -> [Float] {
        let learner = try #require(session.learner)
        return (learner.model.adapters?.arena ?? learner.model.weights).all.hostCopy()
    }

    private func step(_ session: PolicySession, _ name: String = "dpo") throws {
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        _ = try session.learner?.update(batch, objective: objective(name), learningRate: 0.003)
    }

    /// The second objective scores with policy and reference before each step.
    @Test(arguments: plans, ["dpo", "kto"])
    func `a run that is opened again takes the very next step it would have taken`(
        trainable: TrainableSpec,
        objective: String
    ) throws {
        let (model, plan) = (try TinyModel(), TinyModel.plan(trainable))
        let (running, path) = (try model.session(training: plan), model.beside("checkpoint"))
        try step(running, objective)
        try step(running, objective)
        try running.checkpoint(to: path, includesOptimizer: true, state: Data("{\"a\":1}".utf8))
        let saved = try trained(running)
        try step(running, objective)
        let reopened = try model.session(checkpoint: path, training: plan, policyVersion: 2)
        #expect(try trained(reopened) == saved)
        #expect(reopened.policyVersion == 2)
        #expect(reopened.learner?.optimizer.stepCount == 2)
        try step(reopened, objective)
        #expect(try trained(reopened) == (try trained(running)))
        #expect(try trained(reopened) != saved)
        #expect(reopened.policyVersion == 3 && running.policyVersion == 3)
        let state = try Data(contentsOf: URL(fileURLWithPath: path + "/state.json"))
        #expect(state == Data("{\"a\":1}".utf8))
    }

    @Test func `training the top layer leaves the others' bytes`() throws {
        let model = try TinyModel()
        let session = try model.session(training: TinyModel.plan(.topLayers(1)))
        let start = try ModelFolder(model.path).weights
        try step(session)
        let weights = try #require(session.learner?.model.weights)
        for entry in weights.table.entries {
            let isSame = weights.tensor(entry).hostCopy() == start.tensor(entry).hostCopy()
            #expect(
                isSame == !(entry.layer == 1 || entry.name == "model.norm.weight"),
                "\(entry.name)"
            )
        }
    }

    /// Merging rounds each weight once more: 1e-4 in a log-probability is far above, a lost adapter
    /// is 0.01 and more.
    @Test func `a checkpoint of adapters is a model with the adapters merged`() throws {
        let (model, batch) = (try TinyModel(), try GoldenUpdate.read("tiny-llama-tied").batch)
        let session = try model.session(training: TinyModel.plan(.lora(rank: 2, alpha: 4)))
        let before = try session.scorer.logprobs(batch.groups)
        for _ in 0..<5 { try step(session) }
        let path = model.beside("merged")
        try session.checkpoint(to: path, includesOptimizer: false, state: Data())
        let adapted = try session.scorer.logprobs(batch.groups)
        let merged = try model.session(checkpoint: path).scorer.logprobs(batch.groups)
        func gap(_ left: [[[Float]]], _ right: [[[Float]]]) -> Float {
            zip(left.joined().joined(), right.joined().joined()).map { abs($0 - $1) }.max() ?? 1
        }
        #expect(gap(merged, adapted) < 1e-4)
        #expect(gap(before, adapted) > 0.01)
    }

    @Test func `an optimizer of another shape is refused`() throws {
        let model = try TinyModel()
        for saved in Self.plans {
            let session = try model.session(training: TinyModel.plan(saved))
            try step(session)
            let path = model.beside("other")
            try session.checkpoint(to: path, includesOptimizer: true, state: Data())
            let others: [TrainableSpec] =
                saved == .all
                ? [.lora(rank: 2, alpha: 4)]
                : [.all, saved == .topLayers(1) ? .topLayers(2) : .lora(rank: 3, alpha: 4)]
            for other in others {
                let error = #expect(throws: HoneError.self, "\(saved) as \(other)") {
                    try model.session(checkpoint: path, training: TinyModel.plan(other))
                }
                #expect(error?.code == .invalidModelFile)
                #expect(error?.message.contains("does not belong to this run") == true)
            }
        }
    }

    @Test func `a checkpoint without an optimizer cannot be trained on`() throws {
        let (model, plan) = (try TinyModel(), TinyModel.plan(.all))
        let path = model.beside("weights-only")
        try model.session(training: plan).checkpoint(
            to: path,
            includesOptimizer: false,
            state: Data()
        )
        #expect(throws: HoneError.self) { try model.session(checkpoint: path, training: plan) }
        _ = try model.session(checkpoint: path)
    }

    @Test func `a checkpoint of another model is refused`() throws {
        let (model, other) = (try TinyModel(), try TinyModel("tiny-llama-untied"))
        for training in [nil, TinyModel.plan(.all)] {
            let error = #expect(throws: HoneError.self) {
                try model.session(checkpoint: other.path, training: training)
            }
            #expect(error?.message.contains("is not a checkpoint of") == true)
        }
    }

    @Test func `writing a checkpoint again replaces it`() throws {
        let (model, plan) = (try TinyModel(), TinyModel.plan(.all))
        let (session, path) = (try model.session(training: plan), model.beside("latest"))
        for _ in 0..<2 {
            try step(session)
            try session.checkpoint(to: path, includesOptimizer: true, state: Data())
        }
        let reopened = try model.session(checkpoint: path, training: plan)
        #expect(reopened.learner?.optimizer.stepCount == 2)
        #expect(try trained(reopened) == (try trained(session)))
    }
}
