import Domain
import Foundation
import Kernels
import Models
import Testing

/// Logits and every gradient against PyTorch's, in float32 against float64: 2e-5 relative leaves room
/// for rounding and none for a wrong term.
@Suite struct `Llama against PyTorch` {
    static let names = ["tiny-llama-tied", "tiny-llama-untied"]
    static let tolerance: Float = 2e-5

    @Test(arguments: names, [true, false])
    func `log-probabilities and entropies of packed sequences`(name: String, shares: Bool) throws {
        let golden = try GoldenModel(name)
        let model = try Transformer(
            golden.configuration,
            backend: CPUBackend(threadCount: 2),
            weights: golden.weights
        )
        let batch = golden.packed(sharingPrompts: shares)
        let room = Activations(golden.configuration, capacity: 64, plan: .inference, adapterRank: 0)
        let output = try LanguageHead(model)
            .forward(model.forward(batch, room), rows: batch.predictorRows, targets: batch.targets)
        let (logprobs, entropies) = (
            golden.completionValues { $0.logprobs }, golden.completionValues { $0.entropies }
        )
        #expect(relativeDifference(output.logprobs, logprobs.map { Float($0) }) < Self.tolerance)
        #expect(relativeDifference(output.entropies, entropies.map { Float($0) }) < Self.tolerance)
    }

    @Test(arguments: names, [ActivationPlan.keepAll, .recompute])
    func `gradients of weighted log-probabilities`(name: String, plan: ActivationPlan) throws {
        let golden = try GoldenModel(name)
        try expectGradients(golden, plan, kind: "logprob") { golden.numbers.logprob.weights }
    }

    @Test(arguments: names)
    func `gradients of weighted entropies`(name: String) throws {
        let golden = try GoldenModel(name)
        try expectGradients(golden, .keepAll, kind: "entropy") { golden.numbers.entropy.weights }
    }

    @Test func `training only the top layer gives that layer's gradients and no others`() throws {
        let golden = try GoldenModel("tiny-llama-tied")
        let top = golden.weights.table.filter { $0.layer == 1 || $0.name == "model.norm.weight" }
        try expectGradients(golden, .keepAll, kind: "logprob", table: top) {
            golden.numbers.logprob.weights
        }
    }

    private func expectGradients(
        _ golden: GoldenModel,
        _ plan: ActivationPlan,
        kind: String,
        table: ParameterTable? = nil,
        _ weights: () -> [[Double]]
    ) throws {
        let gradients = ParameterArena(table ?? golden.weights.table)
        let model = try Transformer(
            golden.configuration,
            backend: CPUBackend(threadCount: 2),
            weights: golden.weights,
            gradients: gradients
        )
        let batch = golden.packed(sharingPrompts: true)
        let slopes = weights().flatMap { $0 }.map { Float($0) }
        try backward(model, batch, plan, slopes, isEntropy: kind == "entropy", rank: 0)
        for entry in gradients.table.entries {
            let expected = try golden.array("gradient/\(kind)/\(entry.name)")
            let difference = relativeDifference(gradients.tensor(entry).hostCopy(), expected)
            #expect(difference < Self.tolerance, "\(entry.name)")
        }
    }

    private func backward(
        _ model: Transformer,
        _ batch: PackedBatch,
        _ plan: ActivationPlan,
        _ slopes: [Float],
        isEntropy: Bool,
        rank: Int
    ) throws {
        let head = try LanguageHead(model)
        let room = Activations(model.configuration, capacity: 64, plan: plan, adapterRank: rank)
        let output = head.forward(
            model.forward(batch, room),
            rows: batch.predictorRows,
            targets: batch.targets
        )
        let zeros = [Float](repeating: 0, count: slopes.count)
        head.backward(
            output,
            dLogprobs: isEntropy ? zeros : slopes,
            dEntropies: isEntropy ? slopes : zeros,
            into: model.residualGradient(batch.count, room)
        )
        model.backward(batch, room)
    }

    @Test(arguments: names)
    func `adapters change log-probabilities and get their gradients`(name: String) throws {
        let golden = try GoldenModel(name)
        let lora = golden.numbers.lora
        let adapters = try LowRankAdapters(
            golden.configuration,
            rank: lora.rank,
            alpha: lora.alpha,
            seed: 1
        )
        for entry in adapters.arena.table.entries {
            adapters.arena.tensor(entry).assign(try golden.array("lora/parameter/\(entry.name)"))
        }
        let gradients = ParameterArena(adapters.arena.table)
        let model = try Transformer(
            golden.configuration,
            backend: CPUBackend(threadCount: 2),
            weights: golden.weights,
            gradients: gradients,
            adapters: adapters
        )
        let batch = golden.packed(sharingPrompts: true)
        try backward(
            model,
            batch,
            .keepAll,
            lora.weights.flatMap { $0 }.map { Float($0) },
            isEntropy: false,
            rank: lora.rank
        )
        for entry in gradients.table.entries {
            let expected = try golden.array("lora/gradient/\(entry.name)")
            let difference = relativeDifference(gradients.tensor(entry).hostCopy(), expected)
            #expect(difference < Self.tolerance, "\(entry.name)")
        }
        let room = Activations(
            model.configuration,
            capacity: 64,
            plan: .inference,
            adapterRank: lora.rank
        )
        let output = try LanguageHead(model)
            .forward(model.forward(batch, room), rows: batch.predictorRows, targets: batch.targets)
        let expected = zip(lora.sequences, golden.numbers.sequences).flatMap { adapted, sequence in
            adapted.logprobs.dropFirst(sequence.prompt_length).compactMap { $0.map { Float($0) } }
        }
        #expect(relativeDifference(output.logprobs, expected) < Self.tolerance)
    }

    @Test func `the reward head's scores and the gradients of Bradley-Terry`() throws {
        let golden = try GoldenModel("tiny-llama-tied")
        guard let reward = golden.numbers.reward else { throw HoneError(.invalidData, "no reward") }
        let gradients = ParameterArena(golden.weights.table)
        let model = try Transformer(
            golden.configuration,
            backend: CPUBackend(threadCount: 2),
            weights: golden.weights,
            gradients: gradients
        )
        let head = ScalarHead(model, pooling: .last, normalises: true)
        head.weights.tensor("score.weight")?.assign(try golden.array("reward/score.weight"))
        var batch = PackedBatch()
        for sequence in golden.numbers.sequences { batch.append(sequence: sequence.tokens) }
        let room = Activations(golden.configuration, capacity: 64, plan: .keepAll, adapterRank: 0)
        let output = head.forward(model.forward(batch, room), texts: batch.segmentRows)
        for (score, expected) in zip(output.scores, reward.rewards) {
            #expect(abs(score - expected) < 1e-5 * max(1, abs(expected)))
        }
        var slopes = [Double](repeating: 0, count: output.scores.count)
        for pair in reward.pairs {
            let margin = output.scores[pair.chosen] - output.scores[pair.rejected]
            let slope = -1 / (1 + exp(margin)) / Double(reward.pairs.count)
            slopes[pair.chosen] += slope
            slopes[pair.rejected] -= slope
        }
        head.backward(
            output,
            dValues: slopes.map { [$0] },
            into: model.residualGradient(batch.count, room)
        )
        model.backward(batch, room)
        for entry in gradients.table.entries {
            let expected = try golden.array("gradient/reward/\(entry.name)")
            let difference = relativeDifference(gradients.tensor(entry).hostCopy(), expected)
            #expect(difference < 5e-5, "\(entry.name)")
        }
        let headGradient = head.gradients.tensor("score.weight")?.hostCopy() ?? []
        #expect(
            relativeDifference(headGradient, try golden.array("gradient/reward/score.weight"))
                < 5e-5
        )
    }
}
