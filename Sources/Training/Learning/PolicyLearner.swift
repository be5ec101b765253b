import Domain
import Kernels
public import Models
public import Objectives

/// A policy with its heads and optimizer: one call of `update` is one optimizer step.
public final class PolicyLearner {
    /// The policy in training.
    public let model: Transformer
    /// Turns hidden states into log-probabilities, and their gradients back.
    public let head: LanguageHead
    /// Holds the moments and counts the steps.
    public let optimizer: AdamW
    /// Counts the weights' changes; every completion is stamped with it.
    public private(set) var policyVersion: Int
    /// Estimates returns beside the policy; there once an objective trains one.
    public private(set) var valueHead: ValueHead?
    /// Estimates returns in place of a head of the policy's; `nil` without.
    private(set) var critic: Critic?
    /// Per-token log-probabilities under the policy as it is now.
    private let scorer: SequenceScorer
    private let compared: ComparedModels?
    /// A reference that follows the policy step by step; `nil` where it stays what it is.
    var movingReference: MovingReference?
    private let activationMemoryBytes: Int
    private let communicator: any Communicator
    private var activations: Activations?

    /// A learner of a model that is loaded.
    ///
    /// - Parameters:
    ///   - model: with a gradient arena for what is trained.
    ///   - head: the head over `model`.
    ///   - optimizer: over the same gradient arena.
    ///   - policyVersion: the version of the weights as they are.
    ///   - activationMemoryBytes: memory one microbatch's activations may take.
    ///   - scorer: of the same model and head; one of its own without it.
    ///   - compared: the models that objectives may compare the policy with; `nil` refuses those
    ///     that do.
    ///   - communicator: sums over the processes that share the step.
    public init(
        model: Transformer,
        head: LanguageHead,
        optimizer: AdamW,
        policyVersion: Int,
        activationMemoryBytes: Int,
        scorer: SequenceScorer? = nil,
        compared: ComparedModels? = nil,
        communicator: any Communicator = LocalCommunicator()
    ) {
        self.model = model
        self.head = head
        self.optimizer = optimizer
        self.policyVersion = policyVersion
        self.activationMemoryBytes = activationMemoryBytes
        self.scorer = scorer ?? SequenceScorer(model: model, head: head)
        self.compared = compared
        self.communicator = communicator
    }

    /// Makes a value head that predicts 0 and is trained from the next step on; once is enough.
    func addValueHead() {
        if valueHead != nil || critic != nil { return }
        let head = ValueHead(model)
        optimizer.add(
            .init(
                parameters: head.weights,
                gradients: head.gradients,
                prefix: ValueHeadFile.prefix,
                role: .valueHead
            )
        )
        valueHead = head
    }

    /// Has a model of its own estimate returns, trained from the next step on.
    func add(_ critic: Critic) {
        for group in critic.groups { optimizer.add(group) }
        self.critic = critic
    }

    /// Memory of one model's activations: policy and critic share what there is.
    private var activationShare: Int {
        critic == nil ? activationMemoryBytes : activationMemoryBytes / 2
    }

    /// Forward, loss, backward over microbatches, then one step of the optimizer.
    ///
    /// Losses are divided by the totals of the whole batch, so the cut into microbatches changes
    /// nothing but rounding.
    ///
    /// - Parameters:
    ///   - batch: what is learned from.
    ///   - objective: the loss.
    ///   - learningRate: of the policy.
    ///   - valueLearningRate: of the values; the policy's unless said.
    ///   - movesValuesOnly: whether the policy stays as it is, and the values alone learn.
    ///   - progress: called with tokens done so far.
    /// - Returns: metrics by their contract names.
    /// - Throws: `invalidData` for a batch that the objective cannot learn from, `promptTooLong` for
    ///   sequences beyond the context, `notANumber` when a gradient is not finite.
    public func update(
        _ batch: TrainingBatch,
        objective: any Objective,
        learningRate: Double,
        valueLearningRate: Double? = nil,
        movesValuesOnly: Bool = false,
        progress: (Int) -> Void = { _ in }
    ) throws -> [String: Double] {
        let batch = try prepare(objective.requirements, batch)
        let plan = try layout(batch, objective)
        let totals = BatchTotals(of: content(of: plan.parts, batch))
        var statistics: BatchStatistics?
        if objective.requirements.usesBatchStatistics {
            statistics = try gather(plan.parts, batch, objective, plan.room)
        }
        // The panels are of the weights before this step, and may lie in the gradients' memory.
        model.decoding?.invalidate()
        optimizer.zeroGradients()
        var totalsOfStep = StepTotals()
        var first = 0
        for part in plan.parts {
            let pass = forward(part, batch, objective.requirements, plan.room)
            var content = ObjectiveBatch(
                part.objectiveContent { pass.terms[$0] ?? batch.sequences[$0].terms },
                totals: totals,
                statistics: statistics
            )
            content.firstIndex = first
            first += part.elementCount
            let result = try objective.evaluate(content)
            backward(part, pass, result, plan.room, valuesOnly: movesValuesOnly)
            totalsOfStep.add(result, pass, batch, policyVersion)
            progress(totalsOfStep.tokenCount)
        }
        let norms = try optimizer.step(
            learningRate: learningRate,
            valueLearningRate: valueLearningRate,
            movesValuesOnly: movesValuesOnly
        )
        movingReference?.follow()
        policyVersion += 1
        var metrics = totalsOfStep.metrics(norm: norms.model, learningRate: learningRate)
        metrics["value/gradient_norm"] = norms.critic
        return metrics
    }

    /// Sees to what the objective needs beside the policy itself.
    ///
    /// - Returns: the batch, with what is computed of it before it is cut.
    private func prepare(
        _ requirements: DataRequirements,
        _ batch: TrainingBatch
    ) throws(HoneError) -> TrainingBatch {
        try checkLengths(batch.groups, context: model.configuration.contextLength)
        if requirements.needsTeacher || requirements.runsReference {
            guard let compared else {
                throw HoneError(
                    .invalidSpec,
                    "the objective compares the policy with other models, and none was opened "
                        + "to compare with",
                    param: "objective"
                )
            }
            try compared.check(requirements, batch.groups)
        }
        if requirements.trainsValues { addValueHead() }
        return requirements.mismatched ? try mismatched(batch) : batch
    }

    /// The batch with the log-ratio of a mismatched completion for every sequence that has none.
    private func mismatched(_ batch: TrainingBatch) throws(HoneError) -> TrainingBatch {
        guard let compared, let longest = compared.referenceContext else { return batch }
        let context = min(model.configuration.contextLength, longest)
        let completions = MismatchedCompletions(batch, context: context)
        if completions.groups.isEmpty { return batch }
        let policy = try scorer.logprobs(completions.groups)
        let reference = try compared.referenceLogprobs(completions.groups)
        return completions.filled(batch, policy: policy, reference: reference)
    }

    /// How a batch is cut, and the memory its parts run in.
    private struct Layout {
        let parts: [Microbatch]
        let room: Activations
    }

    private func layout(
        _ batch: TrainingBatch,
        _ objective: any Objective
    ) throws(HoneError) -> Layout {
        let budget = ActivationBudget(
            shape: model.configuration,
            adapterRank: model.adapters?.rank ?? 0,
            bytes: activationShare
        )
        let parts = try MicrobatchPlanner(batch: batch, kind: objective.requirements.kind)
            .plan(tokenBudget: budget.tokens)
        let largest = parts.map { $0.packed.count }.max() ?? 0
        if let activations, activations.capacity >= largest,
            activations.plan == budget.plan(largest: largest)
        {
            return Layout(parts: parts, room: activations)
        }
        activations = nil
        let fresh = budget.room(largest: largest)
        activations = fresh
        return Layout(parts: parts, room: fresh)
    }

    /// The whole batch's structure, with log-probabilities that only count tokens.
    private func content(of parts: [Microbatch], _ batch: TrainingBatch) -> ObjectiveBatch.Content {
        func terms(_ index: Int) -> SequenceTerms {
            let sequence = batch.sequences[index]
            var terms = sequence.terms
            let group = batch.groups[sequence.group]
            let count = group.completions[sequence.completion].count
            // Without a prompt nothing predicts the first token.
            let predicted = group.prompt.isEmpty ? max(0, count - 1) : count
            terms.logprobs = Array(repeating: 0, count: predicted)
            return terms
        }
        let all = parts.map { $0.objectiveContent(terms) }
        return all.dropFirst().reduce(all[0]) { $0.joined(with: $1) }
    }

    private func gather(
        _ parts: [Microbatch],
        _ batch: TrainingBatch,
        _ objective: any Objective,
        _ room: Activations
    ) throws -> BatchStatistics {
        var statistics = BatchStatistics()
        for part in parts {
            let pass = forward(part, batch, objective.requirements, room)
            let content = part.objectiveContent { pass.terms[$0] ?? batch.sequences[$0].terms }
            statistics = statistics + (try objective.statistics(of: content))
        }
        return statistics
    }

    private func forward(
        _ part: Microbatch,
        _ batch: TrainingBatch,
        _ requirements: DataRequirements,
        _ room: Activations
    ) -> ForwardPass {
        let packed = part.packed
        let residual = model.forward(packed, room)
        var comparison = compared?.comparison(requirements, packed) ?? HeadComparison()
        comparison.includesCollisions = requirements.fields.contains(.collisions)
        let output = head.forward(
            residual,
            rows: packed.predictorRows,
            targets: packed.targets,
            comparison: comparison
        )
        let values = requirements.trainsValues ? values(packed, residual) : nil
        var numbers: [BatchField: [Float]] = [.entropies: output.entropies]
        numbers[.values] = values?.values
        for (field, list) in output.fields { numbers[field.batchField] = list }
        var terms: [Int: SequenceTerms] = [:]
        for (member, place) in part.places {
            let range = packed.completionRanges[place]
            var filled = batch.sequences[member].terms
            filled.logprobs = output.logprobs[range].map { Double($0) }
            for (field, list) in numbers {
                filled[tokens: field] = list[range].map { Double($0) }
            }
            terms[member] = filled
        }
        return ForwardPass(output: output, values: values, terms: terms, tokenCount: packed.count)
    }

    private func values(_ packed: PackedBatch, _ residual: Tensor) -> ValueHead.Output? {
        critic?.forward(packed, activationMemoryBytes: activationShare)
            ?? valueHead?.forward(residual, rows: packed.predictorRows)
    }

    private func backward(
        _ part: Microbatch,
        _ pass: ForwardPass,
        _ result: ObjectiveResult,
        _ room: Activations,
        valuesOnly: Bool
    ) {
        var slopes = TokenSlopes(count: part.packed.targets.count)
        for (member, gradient) in zip(part.members, result.gradients) {
            guard let place = part.places[member] else { continue }
            slopes.add(gradient, at: part.packed.completionRanges[place])
        }
        if let values = pass.values, let critic {
            critic.backward(values, dValues: slopes[.values], part.packed)
        }
        if valuesOnly {
            // The trunk stays as it is: nothing of the head's slope goes into it.
            if let values = pass.values {
                valueHead?.backward(values, dValues: slopes[.values], into: nil)
            }
            return
        }
        let dResidual = model.residualGradient(part.packed.count, room)
        head.backward(
            pass.output,
            dLogprobs: slopes.logprobs,
            dEntropies: slopes[.entropies],
            dFields: slopes.distributions,
            into: dResidual
        )
        if let values = pass.values {
            valueHead?.backward(values, dValues: slopes[.values], into: dResidual)
        }
        model.backward(part.packed, room)
    }
}

/// What a microbatch's forward pass gave.
struct ForwardPass {
    let output: LanguageHead.Output
    let values: ValueHead.Output?
    /// By index into the batch's sequences.
    let terms: [Int: SequenceTerms]
    let tokenCount: Int
}

extension ObjectiveBatch.Content {
    /// Two parts of one batch as one.
    func joined(with next: ObjectiveBatch.Content) -> ObjectiveBatch.Content {
        switch (self, next) {
        case (.pairs(let left), .pairs(let right)): .pairs(left + right)
        case (.groups(let left), .groups(let right)): .groups(left + right)
        case (.sequences(let left), .sequences(let right)): .sequences(left + right)
        default: preconditionFailure("parts of one batch have one structure")
        }
    }
}
