import Domain
import Foundation
import Kernels
import Models
import Objectives

@testable import Training

/// A policy that has left its base, with a reference and teachers of other weights.
struct ComparedPolicies {
    let model: TinyModel
    /// The other shape of the same vocabulary.
    private let other: TinyModel
    /// What the policy goes on from, and what it is distilled from.
    let checkpoint: String

    init() throws {
        model = try TinyModel()
        other = try TinyModel("tiny-llama-untied")
        checkpoint = model.beside("moved")
        let session = try model.session(training: TinyModel.plan(.all))
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        for _ in 0..<3 {
            _ = try session.learner?.update(
                batch,
                objective: objective("dpo"),
                learningRate: 0.01
            )
        }
        try session.checkpoint(to: checkpoint, includesOptimizer: false, state: .init())
    }

    var teachers: [String] { [checkpoint, other.path] }

    func session(
        _ plan: TrainingPlan,
        reference: String? = nil,
        teachers: [String]? = nil,
        checkpoint: String? = nil,
        threads: Int = 1
    ) throws -> PolicySession {
        try PolicySession(
            modelFolder: model.path,
            checkpointFolder: checkpoint,
            training: plan,
            referenceFolder: reference ?? other.path,
            teacherFolders: teachers ?? self.teachers,
            policyVersion: 0,
            backend: CPUBackend(threadCount: threads)
        )
    }
}

extension TrainingBatch {
    /// The golden sequences, each with targets for a value head.
    static func withReturns() throws -> TrainingBatch {
        var batch = try GoldenUpdate.read("tiny-llama-tied").batch
        for index in batch.sequences.indices {
            let place = batch.sequences[index]
            let count = batch.groups[place.group].completions[place.completion].count
            let returns = (0..<count).map { Double(index) - 0.25 * Double($0) }
            batch.sequences[index].terms[tokens: .returns] = returns
            batch.sequences[index].terms[tokens: .oldValues] = returns
        }
        return batch
    }
}
