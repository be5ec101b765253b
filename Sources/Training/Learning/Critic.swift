import Domain
import Kernels
import Models

/// A value model with weights of its own, trained in the same packed batches as the policy.
final class Critic {
    /// The file of a checkpoint that holds it.
    static let fileName = "critic.safetensors"
    /// Goes before the names of its moments in the optimizer's file.
    static let prefix = "critic."

    let model: Transformer
    let head: ValueHead
    /// Its estimates of given sequences.
    let scorer: SequenceScorer
    private let gradients: ParameterArena
    private var room: Activations?

    /// A critic whose head predicts 0.
    init(model: Transformer, gradients: ParameterArena) throws(HoneError) {
        self.model = model
        self.gradients = gradients
        head = ValueHead(model)
        scorer = SequenceScorer(model: model, head: try LanguageHead(model))
    }

    /// What is trained: the weights, or the adapters over them.
    var arena: ParameterArena { model.adapters?.arena ?? model.weights }

    /// For the optimizer.
    var groups: [AdamW.Group] {
        [
            .init(
                parameters: arena,
                gradients: gradients,
                prefix: Self.prefix,
                role: .critic
            ),
            .init(
                parameters: head.weights,
                gradients: head.gradients,
                prefix: Self.prefix + ValueHeadFile.prefix,
                role: .critic
            ),
        ]
    }

    /// For its file.
    var parts: [ArenaFile.Part] { [("model.", arena), ("head.", head.weights)] }

    /// The values of one microbatch.
    func forward(_ batch: PackedBatch, activationMemoryBytes: Int) -> ValueHead.Output {
        let residual = model.forward(batch, room(for: batch.count, activationMemoryBytes))
        return head.forward(residual, rows: batch.predictorRows)
    }

    /// Adds the gradients of the microbatch that was last run forward.
    func backward(_ output: ValueHead.Output, dValues: [Float], _ batch: PackedBatch) {
        guard let room else { preconditionFailure("run forward before") }
        let dResidual = model.residualGradient(batch.count, room)
        head.backward(output, dValues: dValues, into: dResidual)
        model.backward(batch, room)
    }

    private func room(for tokens: Int, _ bytes: Int) -> Activations {
        let budget = ActivationBudget(
            shape: model.configuration,
            adapterRank: model.adapters?.rank ?? 0,
            bytes: bytes
        )
        let plan = budget.plan(largest: tokens)
        if let room, room.capacity >= tokens, room.plan == plan { return room }
        room = nil
        let fresh = budget.room(largest: tokens)
        room = fresh
        return fresh
    }
}
