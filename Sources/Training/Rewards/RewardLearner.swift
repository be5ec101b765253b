import Domain
import Kernels
import Models
public import Objectives

/// Trains a reward model's backbone and head by gradient steps on a pairwise or regression objective.
public final class RewardLearner {
    /// The reward model in training.
    public let reward: RewardModel
    /// Trains the head and, when the model has gradients, the trunk.
    public let optimizer: AdamW
    private let activationMemoryBytes: Int
    private let share: BootstrapShare
    private var activations: Activations?

    /// A learner of a reward model that is loaded.
    ///
    /// - Parameters:
    ///   - reward: its model with a gradient arena for what is trained (possibly nothing).
    ///   - optimizer: over the head's gradients and those of the model.
    ///   - activationMemoryBytes: memory one microbatch's activations may take.
    ///   - seed: of what each member of an ensemble learns from.
    public init(
        reward: RewardModel,
        optimizer: AdamW,
        activationMemoryBytes: Int,
        seed: UInt64 = 0
    ) {
        share = BootstrapShare(seed: seed)
        self.reward = reward
        self.optimizer = optimizer
        self.activationMemoryBytes = activationMemoryBytes
    }

    /// One optimizer step on texts (the completions of `batch`; prompts are empty).
    public func update(
        _ batch: TrainingBatch,
        objective: any Objective,
        learningRate: Double,
        progress: (Int) -> Void = { _ in }
    ) throws -> [String: Double] {
        guard objective.requirements.trainsScores else {
            throw HoneError(
                .invalidSpec,
                "a reward model needs an objective on scores, such as bradley_terry",
                param: "objective"
            )
        }
        let shape = reward.model.configuration
        try checkLengths(batch.groups, context: shape.contextLength)
        let budget = ActivationBudget(
            shape: shape,
            adapterRank: reward.model.adapters?.rank ?? 0,
            bytes: activationMemoryBytes
        )
        let parts = try MicrobatchPlanner(batch: batch, kind: objective.requirements.kind)
            .plan(tokenBudget: budget.tokens)
        let room = room(budget, largest: parts.map { textTokens($0, of: batch) }.max() ?? 0)
        let contents = parts.map { $0.objectiveContent { batch.sequences[$0].terms } }
        var totals = BatchTotals(
            of: contents.dropFirst().reduce(contents[0]) { $0.joined(with: $1) }
        )
        // Texts have no tokens that are trained on; each of them counts.
        totals.sequences = Double(contents.reduce(0) { $0 + $1.sequences.count })
        optimizer.zeroGradients()
        var total = ObjectiveResult()
        var (tokens, first) = (0, 0)
        for part in parts {
            total.append(try step(part, batch, objective, totals, first, room))
            first += part.elementCount
            tokens += part.packed.count
            progress(tokens)
        }
        let norm = try optimizer.step(learningRate: learningRate)
        var metrics = total.metrics
        metrics["reward_model/loss"] = total.loss
        metrics["optimizer/gradient_norm"] = norm
        metrics["optimizer/learning_rate"] = learningRate
        return metrics
    }

    private func step(
        _ part: Microbatch,
        _ batch: TrainingBatch,
        _ objective: any Objective,
        _ totals: BatchTotals,
        _ first: Int,
        _ room: Activations
    ) throws -> ObjectiveResult {
        // Texts are scored whole: one segment each, in the order of their places.
        let order = part.places.sorted { $0.value < $1.value }.map { $0.key }
        var packed = PackedBatch()
        for member in order {
            let sequence = batch.sequences[member]
            let group = batch.groups[sequence.group]
            packed.append(sequence: group.prompt + group.completions[sequence.completion])
        }
        let output = reward.head.forward(
            reward.model.forward(packed, room),
            texts: packed.segmentRows
        )
        var rows: [Int: Int] = [:]
        for (row, member) in order.enumerated() { rows[member] = row }
        let lesson = RewardLesson(
            part: part,
            batch: batch,
            objective: objective,
            totals: totals,
            first: first,
            values: output.values,
            rows: rows
        )
        let (result, slopes) = try lesson.learned(by: reward.spec.head ?? .scalar, share)
        let trunkIsTrained = reward.model.lowestTrainedLayer < reward.model.configuration.layerCount
        let dResidual = trunkIsTrained ? reward.model.residualGradient(packed.count, room) : nil
        reward.head.backward(output, dValues: slopes, into: dResidual)
        if trunkIsTrained { reward.model.backward(packed, room) }
        return result
    }

    /// Every text is run whole, whatever it shares with others.
    private func textTokens(_ part: Microbatch, of batch: TrainingBatch) -> Int {
        part.places.keys.reduce(0) { sum, member in
            let sequence = batch.sequences[member]
            let group = batch.groups[sequence.group]
            return sum + group.prompt.count + group.completions[sequence.completion].count
        }
    }

    private func room(_ budget: ActivationBudget, largest: Int) -> Activations {
        let plan = budget.plan(largest: largest)
        if let activations, activations.capacity >= largest, activations.plan == plan {
            return activations
        }
        activations = nil
        let fresh = budget.room(largest: largest)
        activations = fresh
        return fresh
    }
}
