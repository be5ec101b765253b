import Domain
import Objectives
import Training

extension BenchmarkCase {
    private static let pairMeaning = "a DPO step on 4 pairs of 128 + 128 tokens"
    private static let counting = "each prompt counts twice"

    static let dpo = BenchmarkCase(
        "dpo",
        "\(pairMeaning), all weights, the reference computed in the step; \(counting)",
        leavesOut: Saving(name: "the reference's log-probabilities are kept", of: "dpo-stored")
    ) { bench in try work(bench, reference: .computed) }

    static let dpoStored = BenchmarkCase(
        "dpo-stored",
        "\(pairMeaning), all weights, the reference's log-probabilities known; \(counting)"
    ) { bench in try work(bench, reference: .stored) }

    static let dpoApart = BenchmarkCase(
        "dpo-apart",
        "as dpo-stored, each completion with a prompt of its own",
        leavesOut: Saving(name: "a pair's prompt is trained once", of: "dpo-stored")
    ) { bench in try work(bench, reference: .stored, prompts: .apart) }

    static let dpoAllPositions = BenchmarkCase(
        "dpo-all-positions",
        "as dpo-apart, the output head at the prompts' positions too",
        leavesOut: Saving(name: "the output head at completions only", of: "dpo-apart")
    ) { bench in try work(bench, reference: .stored, prompts: .asCompletions) }

    static let dpoLoRA = BenchmarkCase(
        "dpo-lora",
        "\(pairMeaning), adapters of rank 16, the reference computed in the step; \(counting)"
    ) { bench in try work(bench, .lora(rank: 16, alpha: 32), reference: .computed) }

    static let dpoLoRASecondModel = BenchmarkCase(
        "dpo-lora-second-model",
        "as dpo-lora, the reference from a second model in memory",
        leavesOut: Saving(name: "adapters' base is the reference", of: "dpo-lora")
    ) { bench in
        try work(bench, .lora(rank: 16, alpha: 32), reference: .computed, model: bench.folder)
    }

    private enum Reference { case computed, stored }

    /// How a pair's prompt is laid out.
    private enum Prompts { case shared, apart, asCompletions }

    private static func work(
        _ bench: Workbench,
        _ trainable: TrainableSpec = .all,
        reference: Reference,
        prompts: Prompts = .shared,
        model: String? = nil
    ) throws -> Work {
        let session = try bench.policy(training: trainable, reference: model)
        let shape = session.folder.configuration
        let pairs = TokenSource(shape).pairs(4, prompt: 128, completion: 128)
        var batch = layout(pairs, prompts)
        let stored = try session.reference.logprobs(batch.groups)
        batch.setReference(stored)
        let step = try TrainingStep(session: session, objective: "dpo", batch: batch)
        let useful = UsefulWork(pairs)
        let reading = reference == .computed ? useful.forward(shape) : 0
        // Without gradients of the base weights there is one product less in the backward pass.
        let training = trainable == .all ? useful.training(shape) : 2 * useful.forward(shape)
        return Work(tokens: 4 * 2 * 256, usefulOperations: training + reading) {
            var step = step
            if reference == .computed {
                step.batch.setReference(try session.reference.logprobs(batch.groups))
            }
            try step.run()
            return nil
        }
    }

    private static func layout(_ pairs: [SequenceGroup], _ prompts: Prompts) -> TrainingBatch {
        switch prompts {
        case .shared: return .pairs(pairs)
        case .apart: return .pairs(pairs.flatMap { $0.apart })
        case .asCompletions:
            let texts = pairs.flatMap { $0.apart }.map { group in
                SequenceGroup(
                    prompt: [],
                    completions: group.completions.map { group.prompt + $0 }
                )
            }
            var batch = TrainingBatch.pairs(texts)
            // The first token is not predicted; the prompt's are, without being trained.
            for index in batch.sequences.indices {
                batch.sequences[index].terms.mask = (0..<255).map { $0 < 127 ? 0 : 1 }
            }
            return batch
        }
    }
}
