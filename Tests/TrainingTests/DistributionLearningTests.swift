import Domain
import Foundation
import Kernels
import Models
import Objectives
import Synchronization
import Testing

@testable import Training

@Suite struct `Learning from whole distributions` {
    private static let fields: [BatchField] = [
        .values, .entropies, .reverseKL, .forwardKL, .collisions, .teacherKL,
    ]

    /// Along each tensor's own gradient the loss must rise by the gradient's norm.
    ///
    /// A float32 loss of 1 to 7 holds its digits to 5e-7; over a step that moves it by 1e-3 that is
    /// 5e-4, and the step's curvature errs by a few thousandths. The exact derivatives of the head
    /// and of the layers are checked where they are made.
    @Test(arguments: fields)
    func `gradients are the loss's slope by every tensor`(field: BatchField) throws {
        let policies = try ComparedPolicies()
        let batch = try TrainingBatch.withReturns()
        let objective = FieldObjective(
            [field],
            teacher: TeacherMix(strength: 3, usesContrast: true)
        )
        let session = try policies.session(
            TinyModel.plan(.all),
            checkpoint: nil
        )
        let learner = try #require(session.learner)
        if field == .values { try spread(learner) }
        func loss() throws -> Double {
            try learner.update(batch, objective: objective, learningRate: 0)["policy/loss"] ?? .nan
        }
        _ = try loss()
        let groups = learner.optimizer.groups
        let slopes = groups.map { $0.gradients.all.hostCopy() }
        #expect(slopes.count == (field == .values ? 2 : 1))
        for (group, slopes) in zip(groups, slopes) {
            for entry in group.gradients.table.entries {
                let slope = Array(slopes[entry.offset..<entry.offset + entry.count])
                let norm = slope.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
                #expect(norm > 1e-4, "\(entry.name)")
                let tensor = try #require(group.parameters.tensor(entry.name))
                let start = tensor.hostCopy()
                let step = min(0.02, 3e-3 / norm)
                func moved(_ factor: Double) throws -> Double {
                    tensor.assign(
                        zip(start, slope).map { $0 + Float(factor / norm) * $1 }
                    )
                    return try loss()
                }
                let rise = (try moved(step) - (try moved(-step))) / (2 * step)
                tensor.assign(start)
                #expect(abs(rise / norm - 1) < 0.02, "\(entry.name): \(rise) for \(norm)")
            }
        }
    }

    /// Gives a fresh value head weights, so that its gradient reaches the trunk.
    private func spread(_ learner: PolicyLearner) throws {
        learner.addValueHead()
        let weight = try #require(learner.valueHead?.weights.tensor("value_head.weight"))
        weight.assign((0..<weight.columns).map { Float(sin(Double($0) * 1.7)) })
    }

    @Test(arguments: [TrainableSpec.all, .topLayers(1), .lora(rank: 2, alpha: 4)])
    func `the cut into microbatches changes nothing but rounding`(trainable: TrainableSpec) throws {
        let policies = try ComparedPolicies()
        let batch = try TrainingBatch.withReturns()
        // Whole, by groups with everything kept, and by groups with recomputation.
        let results = try [64 << 20, 80_000, 1].map { budget in
            let plan = TinyModel.plan(trainable, activationMemoryBytes: budget)
            let learner = try #require(try policies.session(plan).learner)
            try spread(learner)
            let metrics = try learner.update(
                batch,
                objective: FieldObjective.all,
                learningRate: 0
            )
            return (learner.optimizer.groups.flatMap { $0.gradients.all.hostCopy() }, metrics)
        }
        for part in results.dropFirst() {
            #expect(relativeDistance(part.0, results[0].0) < 1e-5)
            let (loss, whole) = (part.1["policy/loss"], results[0].1["policy/loss"])
            #expect(abs((loss ?? .nan) - (whole ?? .nan)) < 1e-5)
        }
    }

    /// The numbers that objectives see of one step, one list a sequence.
    private func seen(
        _ session: PolicySession,
        _ fields: [BatchField],
        _ batch: TrainingBatch
    ) throws -> [SequenceTerms] {
        let box = Mutex<[SequenceTerms]>([])
        var objective = FieldObjective(
            fields,
            teacher: TeacherMix(strength: 3, usesContrast: false)
        )
        let record: @Sendable ([SequenceTerms]) -> Void = { terms in
            box.withLock { $0 += terms }
        }
        objective.observe = record
        _ = try session.learner?.update(batch, objective: objective, learningRate: 0)
        return box.withLock { $0 }
    }

    private func flat(_ terms: [SequenceTerms], _ field: BatchField) -> [Double] {
        terms.flatMap { $0[tokens: field] ?? [] }
    }

    @Test(arguments: [TrainableSpec.all, .lora(rank: 2, alpha: 4)])
    func `a policy that has not moved is where its reference is`(trainable: TrainableSpec) throws {
        let model = try TinyModel()
        let session = try model.session(training: TinyModel.plan(trainable))
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let fields: [BatchField] = [.reverseKL, .forwardKL]
        for field in fields {
            let numbers = flat(try seen(session, fields, batch), field)
            #expect(numbers.count == batch.groups.flatMap { $0.completions.joined() }.count)
            #expect(numbers.allSatisfy { $0 == 0 })
        }
        // One step away the adapters are in the policy's logits and not in the reference's.
        _ = try session.learner?.update(batch, objective: objective("dpo"), learningRate: 0.05)
        for field in fields {
            #expect(flat(try seen(session, fields, batch), field).allSatisfy { $0 > 0 })
        }
    }

    @Test func `KL from one policy to another is the same seen from either`() throws {
        let policies = try ComparedPolicies()
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let (plan, fields) = (TinyModel.plan(.all), [BatchField.reverseKL, .forwardKL])
        let (base, moved) = (policies.model.path, policies.checkpoint)
        let there = try seen(try policies.session(plan, reference: moved), fields, batch)
        let away = try PolicySession(
            modelFolder: moved,
            checkpointFolder: nil,
            training: plan,
            referenceFolder: base,
            teacherFolders: [base],
            policyVersion: 0,
            backend: CPUBackend(threadCount: 2)
        )
        let back = try seen(away, fields + [.teacherKL], batch)
        #expect((flat(there, .reverseKL).max() ?? 0) > 1e-3)
        func gap(_ left: [Double], _ right: [Double]) -> Double {
            left.count == right.count
                ? zip(left, right).map { abs($0 - $1) }.max() ?? 1 : .infinity
        }
        // The exponential's 1e-7, several times.
        #expect(gap(flat(there, .reverseKL), flat(back, .forwardKL)) < 1e-6)
        #expect(gap(flat(there, .forwardKL), flat(back, .reverseKL)) < 1e-6)
        #expect(flat(back, .teacherKL) == flat(back, .reverseKL))
    }

    @Test func `the reference is the one that scores`() throws {
        let policies = try ComparedPolicies()
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let session = try policies.session(TinyModel.plan(.all), reference: policies.checkpoint)
        let scored = try session.reference.logprobs(batch.groups)
        var packed = PackedBatch()
        for group in batch.groups {
            packed.append(prompt: group.prompt, completions: group.completions)
        }
        let companion = try session.reference.companion(of: packed)
        let output = companion.head.forward(
            companion.residual,
            rows: packed.predictorRows,
            targets: packed.targets
        )
        #expect(output.logprobs == scored.flatMap { $0.flatMap { $0 } })
    }

    @Test func `distilling brings the policy to its teacher`() throws {
        let policies = try ComparedPolicies()
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        let session = try policies.session(TinyModel.plan(.all))
        let learner = try #require(session.learner)
        let objective = FieldObjective(
            [.teacherKL],
            teacher: TeacherMix(strength: 3, usesContrast: false)
        )
        var losses: [Double] = []
        for _ in 0..<15 {
            let metrics = try learner.update(batch, objective: objective, learningRate: 0.005)
            losses.append(metrics["policy/loss"] ?? .nan)
        }
        #expect(losses[14] < losses[0] / 3, "\(losses)")
    }

    @Test func `models that were not opened are named`() throws {
        let policies = try ComparedPolicies()
        let batch = try GoldenUpdate.read("tiny-llama-tied").batch
        for count in 0...1 {
            let session = try policies.session(
                TinyModel.plan(.all),
                teachers: Array(policies.teachers.prefix(count))
            )
            let error = #expect(throws: HoneError.self) {
                try session.learner?.update(
                    batch,
                    objective: FieldObjective.all,
                    learningRate: 0.1
                )
            }
            #expect(error?.code == .invalidSpec)
            #expect(error?.message.contains("a teacher and a contrast") == true)
            #expect(session.policyVersion == 0)
        }
        let error = #expect(throws: HoneError.self) {
            try policies.session(
                TinyModel.plan(.all),
                teachers: policies.teachers + policies.teachers
            )
        }
        #expect(error?.code == .invalidSpec)
    }

    @Test func `a teacher of another vocabulary is refused`() throws {
        let policies = try ComparedPolicies()
        let folder = try ModelFolder(policies.model.path)
        var shape = folder.configuration
        shape.vocabularySize += 7
        let family = try ArchitectureCatalogue.find(shape.architecture)
        let weights = ParameterArena(ParameterTable(family.entries(shape)))
        weights.initialise(seed: 1)
        let path = policies.model.beside("larger")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try folder.writer(weights: weights, adapters: nil, configuration: shape)
            .writeHuggingFace(folder: path)
        let error = #expect(throws: HoneError.self) {
            try policies.session(TinyModel.plan(.all), teachers: [path])
        }
        #expect(error?.code == .vocabularyMismatch)
        #expect(error?.message.contains("104") == true && error?.message.contains("97") == true)
    }
}
