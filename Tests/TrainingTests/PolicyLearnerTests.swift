import Domain
import Foundation
import Kernels
import Models
import Objectives
import Testing

@testable import Training

@Suite struct `Policy learner` {
    /// The changes of weights agree as closely as float32 and the gradients allow.
    ///
    /// Two steps of 1e-3 on weights of 0.1 are changed by 2e-3, which float32 weights hold to 4e-6 of
    /// it; where a gradient is nearly zero a change is only as good as the gradient (README). The norm
    /// over a tensor weighs those few elements as what they are.
    @Test(arguments: TinyModel.names)
    func `two DPO steps change every tensor as PyTorch does`(name: String) throws {
        let (model, golden) = (try TinyModel(name), try GoldenUpdate.read(name))
        let plan = TrainingPlan(
            trainable: .all,
            optimizer: golden.optimizer,
            activationMemoryBytes: 64 << 20,
            seed: 0
        )
        let learner = try #require(try model.session(training: plan, threads: 2).learner)
        let weights = learner.model.weights
        let start = weights.table.entries.map { weights.tensor($0).hostCopy() }
        let dpo = try objective("dpo", ["beta": .number(golden.dpo.beta)])
        for step in 0..<2 {
            let metrics = try learner.update(
                golden.batch,
                objective: dpo,
                learningRate: golden.adamw.learning_rate
            )
            let (loss, norm) = (
                metrics["policy/loss"] ?? 0, metrics["optimizer/gradient_norm"] ?? 0
            )
            #expect(abs(loss - golden.adamw.losses[step]) < 1e-5)
            #expect(abs(norm / golden.adamw.gradient_norms[step] - 1) < 1e-4)
        }
        #expect(learner.policyVersion == 2)
        for (entry, before) in zip(weights.table.entries, start) {
            let change = zip(weights.tensor(entry).hostCopy(), before).map { $0 - $1 }
            let expected = try GoldenUpdate.change(name, of: entry.name)
            #expect(relativeDistance(change, expected) < 1e-3, "\(entry.name)")
        }
    }

    /// Bytes that let whole batches, single pairs with everything kept, and single pairs with
    /// recomputation run.
    private static let budgets = [64 << 20, 80_000, 1]

    @Test(arguments: ["dpo", "sft", "kto"])
    func `the cut into microbatches changes nothing but rounding`(name: String) throws {
        let (model, golden) = (try TinyModel(), try GoldenUpdate.read("tiny-llama-tied"))
        let results = try Self.budgets.map { budget in
            let plan = TinyModel.plan(.all, activationMemoryBytes: budget)
            let learner = try #require(try model.session(training: plan).learner)
            let metrics = try learner.update(
                golden.batch,
                objective: objective(name),
                learningRate: 0
            )
            return (learner.optimizer.groups[0].gradients.all.hostCopy(), metrics)
        }
        let whole = results[0]
        #expect((whole.1["optimizer/gradient_norm"] ?? 0) > 0.01)
        for part in results.dropFirst() {
            // The same terms, added in another order: a few units of 6e-8 times √(parts · rows).
            #expect(relativeDistance(part.0, whole.0) < 3e-6)
            #expect(Set(part.1.keys) == Set(whole.1.keys))
            for (key, value) in whole.1 where key != "update/tokens" {
                #expect(abs((part.1[key] ?? .nan) - value) < 1e-5 * max(1, abs(value)), "\(key)")
            }
        }
    }

    /// 30 prompts with two completions of 10: 600 targets, more than the head has rows at a time.
    @Test func `large batches give the gradients of their parts`() throws {
        let model = try TinyModel("tiny-llama-untied")
        let groups = (0..<30).map { row in
            let tokens = (0..<26).map { Int32(($0 * 11 + row * 17) % 94 + 3) }
            return SequenceGroup(
                prompt: Array(tokens[..<6]),
                completions: [Array(tokens[6..<16]), Array(tokens[16...])]
            )
        }
        let members = (0..<60).map { index in
            TrainingBatch.Sequence(
                group: index / 2,
                completion: index % 2,
                terms: SequenceTerms(logprobs: [])
            )
        }
        let batch = TrainingBatch(groups: groups, sequences: members, pairs: [])
        let gradients = try [64 << 20, 1].map { budget in
            let plan = TinyModel.plan(.all, activationMemoryBytes: budget)
            let learner = try #require(try model.session(training: plan, threads: 2).learner)
            _ = try learner.update(batch, objective: objective("sft"), learningRate: 0)
            return learner.optimizer.groups[0].gradients.all.hostCopy()
        }
        #expect(relativeDistance(gradients[1], gradients[0]) < 1e-5)
    }

    @Test(arguments: [[], [Int32(5), 17]])
    func `the loss of demonstrations is the mean over predicted tokens`(prompt: [Int32]) throws {
        let model = try TinyModel()
        let session = try model.session(training: TinyModel.plan(.all))
        let groups = [
            SequenceGroup(prompt: prompt, completions: [[80, 3, 41], [9, 63, 12, 77, 2]])
        ]
        let logprobs = try session.scorer.logprobs(groups)[0].flatMap { $0 }
        #expect(logprobs.count == (prompt.isEmpty ? 6 : 8))
        let members = (0..<2).map {
            TrainingBatch.Sequence(group: 0, completion: $0, terms: SequenceTerms(logprobs: []))
        }
        let metrics = try session.learner?.update(
            TrainingBatch(groups: groups, sequences: members, pairs: []),
            objective: objective("sft"),
            learningRate: 0.1
        )
        let mean = logprobs.reduce(0) { $0 + Double($1) } / Double(logprobs.count)
        #expect(abs((metrics?["policy/loss"] ?? .nan) + mean) < 1e-5)
    }

    @Test func `budgets choose between keeping and computing again`() throws {
        let (model, golden) = (try TinyModel(), try GoldenUpdate.read("tiny-llama-tied"))
        let planner = MicrobatchPlanner(batch: golden.batch, kind: .pairs)
        let shape = try ModelFolder(model.path).configuration
        let perToken = Activations.bytes(shape, tokens: 1, plan: .keepAll, adapterRank: 0)
        let parts = try Self.budgets.map { try planner.plan(tokenBudget: max(1, $0 / perToken)) }
        #expect(parts.map { $0.count } == [1, 2, 2])
        let largest = parts.map { $0.map { $0.packed.count }.max() ?? 0 }
        let keeps = zip(Self.budgets, largest).map { $0 >= $1 * perToken }
        #expect(keeps == [true, true, false])
        // Sequences of one prompt stay together whatever the budget: their prompt is computed once.
        let sequences = try MicrobatchPlanner(batch: golden.batch, kind: .sequences).plan(
            tokenBudget: 1
        )
        #expect(sequences.map { $0.members } == [[0, 1], [2, 3]])
    }

    /// A reward model's texts come as completions of one empty prompt.
    @Test func `sequences without a prompt share nothing and may be cut apart`() throws {
        let texts = (0..<4).map { Array(repeating: Int32(5 + $0), count: 10) }
        let batch = TrainingBatch(
            groups: [SequenceGroup(prompt: [], completions: texts)],
            sequences: texts.indices.map {
                .init(group: 0, completion: $0, terms: SequenceTerms(logprobs: []))
            },
            pairs: [.init(chosen: 0, rejected: 1), .init(chosen: 2, rejected: 3)]
        )
        let planner = MicrobatchPlanner(batch: batch, kind: .pairs)
        #expect(try planner.plan(tokenBudget: 39).map { $0.members } == [[0, 1], [2, 3]])
        #expect(try planner.plan(tokenBudget: 40).map { $0.members } == [[0, 1, 2, 3]])
    }

    @Test func `a batch without what the objective needs is refused`() throws {
        let (model, golden) = (try TinyModel(), try GoldenUpdate.read("tiny-llama-tied"))
        let learner = try #require(try model.session(training: TinyModel.plan(.all)).learner)
        var batch = golden.batch
        batch.pairs = []
        let dpo = try objective("dpo")
        #expect(throws: HoneError.self) {
            try learner.update(batch, objective: dpo, learningRate: 0.1)
        }
        let empty = TrainingBatch(groups: [], sequences: [], pairs: [])
        for name in ["sft", "grpo", "dpo"] {
            let objective = try objective(name)
            let error = #expect(throws: HoneError.self) {
                try learner.update(empty, objective: objective, learningRate: 0.1)
            }
            #expect(error?.code == .invalidData)
        }
        #expect(learner.policyVersion == 0)
    }

    @Test func `sequences longer than the context are refused`() throws {
        let (model, golden) = (try TinyModel(), try GoldenUpdate.read("tiny-llama-tied"))
        let learner = try #require(try model.session(training: TinyModel.plan(.all)).learner)
        var batch = golden.batch
        batch.groups[0].completions[0] = Array(repeating: 7, count: 125)
        let sft = try objective("sft")
        let error = #expect(throws: HoneError.self) {
            try learner.update(batch, objective: sft, learningRate: 0.1)
        }
        #expect(error?.code == .promptTooLong)
    }
}

/// Spoils one gradient tensor on its way through the sum over processes.
private struct SpoilingCommunicator: Communicator {
    let offset: Int
    let value: Float
    var rank: Int { 0 }
    var size: Int { 1 }
    func sum(_ tensor: Tensor) { tensor.columns(offset..<offset + 1).assign([value]) }
    func sum(_ numbers: [Double]) -> [Double] { numbers }
}

@Suite struct `Gradients that are not finite` {
    @Test(arguments: [Float.nan, .infinity])
    func `refuse the step, name the tensor and change nothing`(value: Float) throws {
        let (tiny, golden) = (try TinyModel(), try GoldenUpdate.read("tiny-llama-tied"))
        let folder = try ModelFolder(tiny.path)
        let (weights, gradients) = (
            ParameterArena(folder.weights.table), ParameterArena(folder.weights.table)
        )
        weights.all.assign(folder.weights.all.hostCopy())
        let spoilt = try #require(weights.table["model.layers.1.mlp.up_proj.weight"])
        let backend = CPUBackend(threadCount: 1)
        let model = try Transformer(
            folder.configuration,
            backend: backend,
            weights: weights,
            gradients: gradients
        )
        let communicator = SpoilingCommunicator(offset: spoilt.offset + 17, value: value)
        let optimizer = AdamW(
            golden.optimizer,
            groups: [.init(parameters: weights, gradients: gradients)],
            backend: backend,
            communicator: communicator
        )
        let learner = PolicyLearner(
            model: model,
            head: try LanguageHead(model),
            optimizer: optimizer,
            policyVersion: 4,
            activationMemoryBytes: 64 << 20,
            communicator: communicator
        )
        let dpo = try objective("dpo")
        let error = #expect(throws: HoneError.self) {
            try learner.update(golden.batch, objective: dpo, learningRate: 0.1)
        }
        #expect(error?.code == .notANumber)
        #expect(error?.param == spoilt.name)
        #expect(error?.message.contains(spoilt.name) == true)
        #expect(weights.all.hostCopy() == folder.weights.all.hostCopy())
        #expect(optimizer.groups[0].moment1.all.hostCopy().allSatisfy { $0 == 0 })
        #expect(optimizer.groups[0].moment2.all.hostCopy().allSatisfy { $0 == 0 })
        #expect(optimizer.stepCount == 0 && learner.policyVersion == 4)
    }

    @Test func `a loss that is not a number refuses the step`() throws {
        let (model, golden) = (try TinyModel(), try GoldenUpdate.read("tiny-llama-tied"))
        let learner = try #require(try model.session(training: TinyModel.plan(.all)).learner)
        let before = learner.model.weights.all.hostCopy()
        var batch = golden.batch
        batch.sequences[1].terms.referenceLogprobs?[0] = .nan
        let dpo = try objective("dpo")
        let error = #expect(throws: HoneError.self) {
            try learner.update(batch, objective: dpo, learningRate: 0.1)
        }
        #expect(error?.code == .notANumber || error?.code == .invalidData)
        #expect(learner.model.weights.all.hostCopy() == before)
        #expect(learner.policyVersion == 0)
    }
}
