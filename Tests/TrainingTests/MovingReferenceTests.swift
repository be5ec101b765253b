import Domain
import Foundation
import Kernels
import Models
import Objectives
import Testing

@testable import Training

@Suite struct `References` {
    private func session(
        _ model: TinyModel,
        _ trainable: TrainableSpec,
        _ reference: ReferencePlan,
        checkpoint: String? = nil,
        policyVersion: Int = 0
    ) throws -> PolicySession {
        try PolicySession(
            modelFolder: model.path,
            checkpointFolder: checkpoint,
            training: TinyModel.plan(trainable),
            reference: reference,
            policyVersion: policyVersion,
            backend: CPUBackend(threadCount: 2)
        )
    }

    private func step(_ session: PolicySession) throws {
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        _ = try session.learner?.update(batch, objective: objective("dpo"), learningRate: 0.01)
    }

    private func trained(_ session: PolicySession) throws -> [Float] {
        let model = try #require(session.learner).model
        return (model.adapters?.arena ?? model.weights).all.hostCopy()
    }

    private func average(_ session: PolicySession) throws -> [Float] {
        try #require(session.learner?.movingReference).arena.all.hostCopy()
    }

    @Test(arguments: Checkpoints.plans)
    func `an average keeps its share of itself at every step`(trainable: TrainableSpec) throws {
        let session = try session(try TinyModel(), trainable, ReferencePlan(decay: 0.9))
        var expected = try trained(session).map { Double($0) }
        #expect(try average(session) == (try trained(session)))
        for _ in 0..<3 {
            try step(session)
            let policy = try trained(session)
            for place in expected.indices {
                expected[place] = 0.9 * expected[place] + 0.1 * Double(policy[place])
            }
        }
        let found = try average(session)
        let gap = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 1
        #expect(gap < 1e-6)
        #expect(try found != trained(session))
    }

    @Test(arguments: Checkpoints.plans)
    func `it goes on from a checkpoint, bit for bit`(trainable: TrainableSpec) throws {
        let (model, plan) = (try TinyModel(), ReferencePlan(decay: 0.7))
        let running = try session(model, trainable, plan)
        let path = model.beside("checkpoint")
        for _ in 0..<2 { try step(running) }
        try running.checkpoint(to: path, includesOptimizer: true, state: Data())
        let saved = try average(running)
        let reopened = try session(model, trainable, plan, checkpoint: path, policyVersion: 2)
        #expect(try average(reopened) == saved)
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        #expect(
            try reopened.reference.logprobs(batch.groups)
                == (try running.reference.logprobs(batch.groups))
        )
        try step(running)
        try step(reopened)
        #expect(try average(reopened) == (try average(running)))
        #expect(try average(reopened) != saved)
    }

    @Test(arguments: [TrainableSpec.all, .lora(rank: 2, alpha: 4)])
    func `it says what a model of its weights says`(trainable: TrainableSpec) throws {
        let model = try TinyModel()
        let session = try session(model, trainable, ReferencePlan(decay: 0))
        for _ in 0..<2 { try step(session) }
        // An average that keeps nothing of itself is the policy.
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let policy = try session.scorer.logprobs(batch.groups).joined().joined()
        let reference = try session.reference.logprobs(batch.groups).joined().joined()
        let gap = zip(policy, reference).map { abs($0 - $1) }.max() ?? 1
        #expect(gap < 1e-4)
    }

    @Test func `without one, whatever needs it is refused`() throws {
        let session = try session(try TinyModel(), .all, ReferencePlan(isThere: false))
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        #expect(throws: HoneError.self) { try session.reference.logprobs(batch.groups) }
        var request = Sampler.request()
        #expect(throws: HoneError.self) { try session.sample(request, includesReference: true) }
        request.mixture = 0.5
        #expect(throws: HoneError.self) { try session.sample(request, includesReference: false) }
        request.mixture = 0
        #expect(try session.sample(request, includesReference: false).count == 3)
        let exact = FieldObjective([.reverseKL])
        #expect(throws: HoneError.self) {
            try session.learner?.update(batch, objective: exact, learningRate: 0.01)
        }
    }

    @Test func `a soup is the weighted mean of its models`() throws {
        let model = try TinyModel()
        let moved = try ComparedPolicies()
        let path = model.beside("soup")
        try ModelSoup.write([model.path, moved.checkpoint], shares: [0.25, 0.75], to: path)
        let (first, second) = (
            try ModelFolder(model.path).weights.all.hostCopy(),
            try ModelFolder(moved.checkpoint).weights.all.hostCopy()
        )
        let folder = try ModelFolder(path)
        let expected = zip(first, second).map { Float(0.25 * Double($0) + 0.75 * Double($1)) }
        #expect(folder.weights.all.hostCopy() == expected)
        #expect(folder.isMapped && expected != first)
        let again = model.beside("again")
        try ModelSoup.write([model.path, moved.checkpoint], shares: [0.25, 0.75], to: again)
        let files = try [path, again].map {
            try Data(contentsOf: URL(fileURLWithPath: $0 + "/model.safetensors"))
        }
        #expect(files[0] == files[1])
    }

    @Test func `models of two shapes make no soup`() throws {
        let model = try TinyModel()
        let other = try TinyModel("tiny-llama-untied")
        let error = #expect(throws: HoneError.self) {
            try ModelSoup.write(
                [model.path, other.path],
                shares: [0.5, 0.5],
                to: model.beside("soup")
            )
        }
        #expect(error?.code == .invalidModelFile)
    }
}
