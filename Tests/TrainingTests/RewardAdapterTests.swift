import Domain
import Foundation
import Kernels
import ModelFiles
import Models
import Objectives
import Testing

@testable import Training

/// Reward models as adapters over a base that they share with the policy.
@Suite struct `Reward adapters` {
    private static let lora = TinyModel.plan(.lora(rank: 3, alpha: 6))

    private func open(
        _ path: String,
        checkpoint: String? = nil,
        layers: Int? = nil,
        training: TrainingPlan? = nil,
        isNew: Bool = true
    ) throws -> RewardSession {
        var spec = RewardModelSpec()
        spec.layers = layers
        return try RewardSession(
            modelFolder: path,
            checkpointFolder: checkpoint,
            spec: isNew ? spec : nil,
            training: training,
            backend: CPUBackend(threadCount: 1)
        )
    }

    private func texts(_ session: RewardSession) throws -> [[Int32]] {
        try ["good", "bad", "better!", "w0rse"].enumerated().map {
            try session.reward.tokens(prompt: "q", completion: $1, index: $0)
        }
    }

    private func step(_ session: RewardSession, rate: Double = 0.01) throws {
        let texts = try texts(session)
        let batch = TrainingBatch(
            groups: texts.map { SequenceGroup(prompt: [], completions: [$0]) },
            sequences: texts.indices.map {
                .init(group: $0, completion: 0, terms: SequenceTerms(logprobs: []))
            },
            pairs: [.init(chosen: 0, rejected: 1), .init(chosen: 2, rejected: 3)]
        )
        _ = try session.learner?.update(
            batch,
            objective: objective("bradley_terry"),
            learningRate: rate
        )
    }

    private func trained(_ model: TinyModel, layers: Int? = nil) throws -> (RewardSession, String) {
        let session = try open(model.path, layers: layers, training: Self.lora)
        for _ in 0..<3 { try step(session) }
        let path = model.beside("reward")
        try session.checkpoint(to: path, includesOptimizer: false, state: Data())
        return (session, path)
    }

    @Test(arguments: [1, nil])
    func `a published one is small, maps its base and scores as it did`(layers: Int?) throws {
        let model = try TinyModel("tiny-llama-untied", isMapped: true)
        let (session, path) = try trained(model, layers: layers)
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        #expect(
            Set(names) == [
                "adapter_config.json", "adapter_model.safetensors", "hone.json",
                "reward_head.json", "reward_head.safetensors", "state.json",
            ]
        )
        let again = try open(path, isNew: false)
        #expect(again.folder.isMapped && again.folder.weightsPath == model.path)
        #expect(again.configuration.layerCount == layers ?? 2)
        let texts = try texts(session)
        #expect(again.reward.scores(texts) == session.reward.scores(texts))
    }

    /// Merging rounds each weight once more.
    @Test(arguments: [1, nil])
    func `an export has the adapters merged and needs no base`(layers: Int?) throws {
        let model = try TinyModel("tiny-llama-untied", isMapped: true)
        let (session, path) = try trained(model, layers: layers)
        let whole = model.beside("whole")
        try ModelImport.exportModel(from: path, format: "hf", to: whole)
        let merged = try open(whole, isNew: false)
        #expect(merged.folder.adapters == nil && merged.folder.weightsPath == whole)
        let texts = try texts(session)
        for (left, right) in zip(merged.reward.scores(texts), session.reward.scores(texts)) {
            #expect(abs((left ?? .nan) - (right ?? .infinity)) < 1e-4)
        }
        let facts = try merged.folder.facts(folder: whole)
        let small = try ModelFolder(path).facts(folder: path)
        #expect(small.parameterCount == facts.parameterCount && small.byteCount < facts.byteCount)
        #expect(facts.isRewardModel)
    }

    @Test(arguments: [1, nil])
    func `a run that is opened again takes the very next step`(layers: Int?) throws {
        let model = try TinyModel(isMapped: true)
        let running = try open(model.path, layers: layers, training: Self.lora)
        try step(running)
        let path = model.beside("checkpoint")
        try running.checkpoint(to: path, includesOptimizer: true, state: Data())
        let again = try open(model.path, checkpoint: path, layers: layers, training: Self.lora)
        #expect(again.learner?.optimizer.stepCount == 1)
        try step(running)
        try step(again)
        let arenas = try [running, again].map { session in
            try #require(session.reward.model.adapters?.arena.all.hostCopy())
        }
        #expect(arenas[0] == arenas[1])
        let heads = [running, again].map { $0.reward.head.weights.all.hostCopy() }
        #expect(heads[0] == heads[1])
    }

    @Test func `steps leave the base's file as it was`() throws {
        let model = try TinyModel(isMapped: true)
        let before = try Data(contentsOf: URL(fileURLWithPath: model.path + "/model.safetensors"))
        let (session, _) = try trained(model)
        #expect(session.folder.isMapped)
        let after = try Data(contentsOf: URL(fileURLWithPath: model.path + "/model.safetensors"))
        #expect(before == after)
    }

    @Test func `a base that is gone or another is named`() throws {
        let model = try TinyModel("tiny-llama-untied", isMapped: true)
        let (_, path) = try trained(model)
        let file = model.path + "/model.safetensors"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[bytes.count - 3] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: file))
        let changed = #expect(throws: HoneError.self) { try open(path, isNew: false) }
        #expect(changed?.code == .invalidModelFile)
        #expect(changed?.message.contains("\"mapped\"") == true)
        #expect(changed?.message.contains("have changed") == true)
        try FileManager.default.removeItem(atPath: model.path)
        let gone = #expect(throws: HoneError.self) { try open(path, isNew: false) }
        #expect(gone?.message.contains("is gone") == true)
    }

    @Test func `adapters are no policy and train on as adapters only`() throws {
        let model = try TinyModel(isMapped: true)
        let (_, path) = try trained(model)
        let policy = #expect(throws: HoneError.self) {
            try PolicySession(
                modelFolder: path,
                checkpointFolder: nil,
                training: nil,
                referenceFolder: nil,
                policyVersion: 0,
                backend: CPUBackend(threadCount: 1)
            )
        }
        #expect(policy?.code == .unsupportedModel)
        #expect(throws: HoneError.self) {
            try open(path, training: TinyModel.plan(.all), isNew: false)
        }
        let other = #expect(throws: HoneError.self) {
            try open(path, training: TinyModel.plan(.lora(rank: 2, alpha: 6)), isNew: false)
        }
        #expect(other?.message.contains("rank 3") == true)
    }

    /// ∂score/∂ each adapter against central differences of the score.
    ///
    /// The forward pass is float32, so that a difference over ±h errs by 1e-7 / h of the score and by h²;
    /// 2 % of the largest derivative is far below a missing term and above both at h = 0.02.
    @Test func `gradients of adapters agree with differences of the score`() throws {
        let model = try TinyModel(isMapped: true)
        let session = try open(model.path, training: Self.lora)
        for _ in 0..<4 { try step(session, rate: 0.05) }
        let (transformer, head) = (session.reward.model, session.reward.head)
        let gradients = try #require(transformer.gradients)
        let adapters = try #require(transformer.adapters?.arena)
        let text = try texts(session)[2]
        var batch = PackedBatch()
        batch.append(sequence: text)
        let room = Activations(
            session.configuration,
            capacity: text.count,
            plan: .keepAll,
            adapterRank: 3
        )
        transformer.backend.zero(gradients.all)
        let output = head.forward(transformer.forward(batch, room), texts: batch.segmentRows)
        let dResidual = transformer.residualGradient(batch.count, room)
        head.backward(output, dValues: [[1]], into: dResidual)
        transformer.backward(batch, room)
        func score() -> Double {
            head.forward(transformer.forward(batch, room), texts: batch.segmentRows).scores[0]
        }
        for entry in adapters.table.entries {
            let tensor = adapters.tensor(entry)
            let (start, slopes) = (tensor.hostCopy(), gradients.tensor(entry).hostCopy())
            let largest = slopes.map(abs).max() ?? 0
            #expect(largest > 0, "\(entry.name)")
            let index = slopes.firstIndex { abs($0) == largest } ?? 0
            let ends = [Float(0.02), -0.02].map { shift in
                var moved = start
                moved[index] += shift
                tensor.assign(moved)
                return score()
            }
            tensor.assign(start)
            let difference = (ends[0] - ends[1]) / 0.04
            #expect(
                abs(difference - Double(slopes[index])) < 0.02 * Double(largest),
                "\(entry.name)"
            )
        }
    }
}
