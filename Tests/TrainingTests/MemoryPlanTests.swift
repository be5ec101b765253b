import Domain
import Foundation
import Kernels
import Models
import Objectives
import TestSupport
import Testing

@testable import Training

@Suite struct `Memory plan` {
    @Test func `it counts the parameters that sessions train`() throws {
        let model = try TinyModel("tiny-llama-untied")
        let shape = try ModelFolder(model.path).configuration
        let trainables: [TrainableSpec] = [.all, .topLayers(1), .lora(rank: 2, alpha: 4)]
        for trainable in trainables {
            let plan = TinyModel.plan(trainable)
            let session = try model.session(training: plan)
            let trained = session.learner?.model.gradients?.table.count
            #expect(try MemoryPlan(shape, training: plan).trainableParameterCount == trained)
        }
        #expect(try MemoryPlan(shape, training: nil).trainableParameterCount == 0)
    }

    /// The work of one DPO step on two prompts of 6 tokens with two completions of 10 each, sampled
    /// and scored before.
    private static var workload: MemoryWorkload {
        var workload = MemoryWorkload()
        workload.promptTokens = [6, 6]
        workload.groupSize = 2
        workload.maximumNewTokens = 10
        workload.elementTokens = [24, 24]
        return workload
    }

    /// 10 %, and the few kilobytes of one-row tensors that a plan does not list.
    private func expect(_ plan: MemoryPlan, allocates bytes: Int) {
        let slack = plan.allocatedBytes / 10
        #expect(
            abs(bytes - plan.allocatedBytes) < slack,
            "\(bytes) allocated, \(plan.allocatedBytes) planned"
        )
    }

    @Test(arguments: [TrainableSpec.all, .topLayers(1), .lora(rank: 4, alpha: 8)])
    func `a policy allocates what was planned`(trainable: TrainableSpec) throws {
        let model = try TinyModel(isMapped: true)
        let training = TinyModel.plan(trainable)
        let meter = StorageMeter()
        try StorageMeter.$current.withValue(meter) {
            let session = try model.session(training: training)
            let parameters = SamplingParameters(maxTokens: 10)
            let prompts = (0..<2).map { row in (0..<6).map { Int32($0 * 7 + row + 3) } }
            let groups = try session.sample(
                SampleRequest(
                    prompts: prompts,
                    streams: [0, 1],
                    groupSize: 2,
                    parameters: parameters,
                    seed: 1
                ),
                includesReference: true
            )
            session.beginLearning()
            // Full length whatever was drawn.
            let completions = groups.map { $0.map { _ in (0..<10).map { Int32($0 * 3 + 5) } } }
            _ = try session.learner?.update(
                batch(prompts, completions),
                objective: objective("sft"),
                learningRate: 0.001
            )
        }
        let shape = try ModelFolder(model.path).configuration
        expect(
            try MemoryPlan(shape, training: training, workload: Self.workload),
            allocates: meter.peakBytes
        )
    }

    @Test(arguments: [TrainableSpec.all, .lora(rank: 4, alpha: 8)])
    func `a policy beside a value head and teachers allocates what was planned`(
        trainable: TrainableSpec
    ) throws {
        let model = try TinyModel(isMapped: true)
        var training = TinyModel.plan(trainable)
        training.trainsValueHead = true
        let shape = try ModelFolder(model.path).configuration
        var workload = Self.workload
        (workload.usesReference, workload.comparesReference) = (false, true)
        let meter = StorageMeter()
        try StorageMeter.$current.withValue(meter) {
            let session = try PolicySession(
                modelFolder: model.path,
                checkpointFolder: nil,
                training: training,
                referenceFolder: nil,
                teacherFolders: [model.path, model.path],
                policyVersion: 0,
                backend: CPUBackend(threadCount: 1)
            )
            let prompts = (0..<2).map { row in (0..<6).map { Int32($0 * 7 + row + 3) } }
            let order = SampleRequest(
                prompts: prompts,
                streams: [0, 1],
                groupSize: 2,
                parameters: SamplingParameters(maxTokens: 10),
                seed: 1
            )
            let drawn = try session.sample(order, includesReference: false)
            _ = try session.values(
                zip(prompts, drawn).map { prompt, group in
                    SequenceGroup(prompt: prompt, completions: group.map { $0.tokens })
                }
            )
            session.beginLearning(FieldObjective.all.requirements)
            let completions = prompts.map { _ in
                [0, 1].map { row in (0..<10).map { Int32($0 * 3 + 5 + row) } }
            }
            _ = try session.learner?.update(
                batch(prompts, completions),
                objective: FieldObjective.all,
                learningRate: 0.001
            )
        }
        let plan = try MemoryPlan(
            shape,
            training: training,
            teachers: [shape, shape],
            workload: workload
        )
        expect(plan, allocates: meter.peakBytes)
        // The weights of all that is mapped are in memory during a step.
        let alone = try MemoryPlan(shape, training: TinyModel.plan(trainable), workload: workload)
        let weights = 4 * (try ModelFolder(model.path).weights.table.count)
        #expect(plan.memoryBytes - alone.memoryBytes > 2 * weights)
        workload.comparesReference = false
        let without = try MemoryPlan(shape, training: training, teachers: [], workload: workload)
        #expect(plan.memoryBytes - without.memoryBytes > (trainable == .all ? 3 : 2) * weights)
    }

    @Test(arguments: [TrainableSpec.all, .lora(rank: 4, alpha: 8)])
    func `a policy that scores mismatched completions allocates what was planned`(
        trainable: TrainableSpec
    ) throws {
        let model = try TinyModel(isMapped: true)
        let (training, kto) = (TinyModel.plan(trainable), try objective("kto"))
        let prompts = (0..<2).map { row in (0..<6).map { Int32($0 * 7 + row + 3) } }
        let completions = prompts.map { _ in [(0..<10).map { Int32($0 * 3 + 5) }] }
        var batch = batch(prompts, completions)
        for index in batch.sequences.indices {
            batch.sequences[index].terms.label = index == 0
            batch.sequences[index].terms.referenceLogprobs = Array(repeating: -4, count: 10)
        }
        let meter = StorageMeter()
        try StorageMeter.$current.withValue(meter) {
            let session = try model.session(training: training)
            session.beginLearning(kto.requirements)
            _ = try session.learner?.update(batch, objective: kto, learningRate: 0.001)
        }
        var workload = MemoryWorkload()
        workload.elementTokens = [16, 16]
        (workload.comparesReference, workload.scoresMismatched) = (true, true)
        let shape = try ModelFolder(model.path).configuration
        let plan = try MemoryPlan(shape, training: training, workload: workload)
        expect(plan, allocates: meter.peakBytes)
        (workload.comparesReference, workload.scoresMismatched) = (false, false)
        let without = try MemoryPlan(shape, training: training, workload: workload)
        let weights = trainable == .all ? 4 * (try ModelFolder(model.path).weights.table.count) : 0
        let working = plan.allocatedBytes - without.allocatedBytes
        #expect(working > 0 && plan.memoryBytes - without.memoryBytes >= working)
        #expect(weights == 0 || plan.memoryBytes - without.memoryBytes > working)
    }

    private func batch(_ prompts: [[Int32]], _ completions: [[[Int32]]]) -> TrainingBatch {
        TrainingBatch(
            groups: zip(prompts, completions).map { .init(prompt: $0, completions: $1) },
            sequences: completions.indices.flatMap { group in
                completions[group].indices.map { member in
                    .init(group: group, completion: member, terms: .init(logprobs: []))
                }
            },
            pairs: []
        )
    }

    @Test(arguments: [TrainableSpec.all, .lora(rank: 4, alpha: 8)], [1, nil])
    func `a reward model allocates what was planned`(trainable: TrainableSpec, layers: Int?) throws
    {
        let model = try TinyModel(isMapped: true)
        let training = TinyModel.plan(trainable)
        var spec = RewardModelSpec()
        spec.layers = layers
        let meter = StorageMeter()
        try StorageMeter.$current.withValue(meter) {
            let session = try RewardSession(
                modelFolder: model.path,
                checkpointFolder: nil,
                spec: spec,
                training: training,
                backend: CPUBackend(threadCount: 1)
            )
            let texts = (0..<4).map { row in (0..<30).map { Int32($0 * 2 + row + 3) } }
            _ = session.reward.scores(texts)
            var batch = batch(texts.map { _ in [] }, texts.map { [$0] })
            batch.pairs = [.init(chosen: 0, rejected: 1), .init(chosen: 2, rejected: 3)]
            _ = try session.learner?.update(
                batch,
                objective: objective("bradley_terry"),
                learningRate: 0.001
            )
        }
        var workload = MemoryWorkload()
        workload.elementTokens = [60, 60]
        let plan = try MemoryPlan(
            try ModelFolder(model.path).configuration,
            role: .reward(layers: layers),
            training: training,
            workload: workload
        )
        expect(plan, allocates: meter.peakBytes)
    }

    @Test func `a batch smaller than the budget is what is planned for`() throws {
        let model = try TinyModel()
        let shape = try ModelFolder(model.path).configuration
        func plan(_ elements: [Int], budget: Int) throws -> Int {
            var workload = Self.workload
            workload.elementTokens = elements
            let training = TinyModel.plan(.all, activationMemoryBytes: budget)
            return try MemoryPlan(shape, training: training, workload: workload).allocatedBytes
        }
        let perToken = Activations.bytes(shape, tokens: 1, plan: .keepAll, adapterRank: 0)
        let (one, two) = (try plan([100], budget: 1 << 30), try plan([100, 100], budget: 1 << 30))
        #expect(try plan([100, 100], budget: 200 * perToken) == two)
        #expect(try plan([100, 100], budget: 199 * perToken) == one)
        #expect(two > one)
        // What does not fit even alone is computed again layer by layer.
        #expect(try plan([100], budget: 99 * perToken) < one)
        let most = ActivationBudget.maximumTokens
        let full = try plan([most], budget: 1 << 40)
        #expect(try plan([most, most], budget: 1 << 40) == full)
    }

    @Test func `only weights that stay as they are can be shared`() throws {
        let model = try TinyModel()
        let shape = try ModelFolder(model.path).configuration
        let weights = try MemoryPlan(shape, training: nil).sharedBytes
        let adapted = try MemoryPlan(shape, training: TinyModel.plan(.lora(rank: 2, alpha: 2)))
        let full = try MemoryPlan(shape, training: TinyModel.plan(.all))
        #expect(weights > 0 && adapted.sharedBytes == weights && full.sharedBytes == 0)
    }

    @Test func `a checkpoint fits into what was planned for it`() throws {
        let model = try TinyModel()
        let plan = TinyModel.plan(.all)
        let session = try model.session(training: plan)
        let path = model.beside("checkpoint")
        try session.checkpoint(to: path, includesOptimizer: true, state: .init())
        let bytes = try ModelFolder(path).facts(folder: path).byteCount
        let planned = try MemoryPlan(session.folder.configuration, training: plan).checkpointBytes
        #expect(bytes <= planned && bytes > 12 * session.folder.weights.table.count)
    }
}
