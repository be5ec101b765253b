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
    ///   - communicator: sums over the processes that share the step.
    public init(
        model: Transformer,
        head: LanguageHead,
        optimizer: AdamW,
        policyVersion: Int,
        activationMemoryBytes: Int,
        communicator: any Communicator = LocalCommunicator()
    ) {
        self.model = model
        self.head = head
        self.optimizer = optimizer
        self.policyVersion = policyVersion
        self.activationMemoryBytes = activationMemoryBytes
        self.communicator = communicator
    }

    /// Forward, loss, backward over microbatches, then one step of the optimizer.
    ///
    /// Losses are divided by the totals of the whole batch, so the cut into microbatches changes
    /// nothing but rounding.
    ///
    /// - Returns: metrics by their contract names.
    public func update(
        _ batch: TrainingBatch,
        objective: any Objective,
        learningRate: Double,
        progress: (Int) -> Void = { _ in }
    ) throws -> [String: Double] {
        try checkLengths(batch.groups, context: model.configuration.contextLength)
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
        for part in plan.parts {
            let pass = forward(part, batch, plan.room)
            let result = try objective.evaluate(
                ObjectiveBatch(
                    part.objectiveContent { pass.terms[$0] ?? batch.sequences[$0].terms },
                    totals: totals,
                    statistics: statistics
                )
            )
            backward(part, pass, result, plan.room)
            totalsOfStep.add(result, pass, batch, policyVersion)
            progress(totalsOfStep.tokenCount)
        }
        let norm = try optimizer.step(learningRate: learningRate)
        policyVersion += 1
        return totalsOfStep.metrics(norm: norm, learningRate: learningRate)
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
        let planner = MicrobatchPlanner(batch: batch, kind: objective.requirements.kind)
        let rank = model.adapters?.rank ?? 0
        func perToken(_ plan: ActivationPlan) -> Int {
            Activations.bytes(model.configuration, tokens: 1, plan: plan, adapterRank: rank)
        }
        let parts = try planner.plan(
            tokenBudget: max(1, activationMemoryBytes / perToken(.keepAll))
        )
        let largest = parts.map { $0.packed.count }.max() ?? 0
        let plan: ActivationPlan =
            largest * perToken(.keepAll) <= activationMemoryBytes ? .keepAll : .recompute
        if let activations, activations.capacity >= largest, activations.plan == plan {
            return Layout(parts: parts, room: activations)
        }
        activations = nil
        let fresh = Activations(
            model.configuration,
            capacity: max(largest, 64),
            plan: plan,
            adapterRank: rank
        )
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
            let pass = forward(part, batch, room)
            let content = part.objectiveContent { pass.terms[$0] ?? batch.sequences[$0].terms }
            statistics = statistics + (try objective.statistics(of: content))
        }
        return statistics
    }

    private func forward(
        _ part: Microbatch,
        _ batch: TrainingBatch,
        _ room: Activations
    ) -> ForwardPass {
        let residual = model.forward(part.packed, room)
        let output = head.forward(
            residual,
            rows: part.packed.predictorRows,
            targets: part.packed.targets
        )
        var terms: [Int: SequenceTerms] = [:]
        for (member, place) in part.places {
            let range = part.packed.completionRanges[place]
            var filled = batch.sequences[member].terms
            filled.logprobs = output.logprobs[range].map { Double($0) }
            filled.entropies = output.entropies[range].map { Double($0) }
            terms[member] = filled
        }
        return ForwardPass(output: output, terms: terms, tokenCount: part.packed.count)
    }

    private func backward(
        _ part: Microbatch,
        _ pass: ForwardPass,
        _ result: ObjectiveResult,
        _ room: Activations
    ) {
        var dLogprobs = [Float](repeating: 0, count: part.packed.targets.count)
        var dEntropies = dLogprobs
        for (member, gradient) in zip(part.members, result.gradients) {
            guard let place = part.places[member] else { continue }
            for (index, slot) in part.packed.completionRanges[place].enumerated() {
                dLogprobs[slot] += Float(gradient.logprobs[index])
                if let entropies = gradient.entropies {
                    dEntropies[slot] += Float(entropies[index])
                }
            }
        }
        let dResidual = model.residualGradient(part.packed.count, room)
        head.backward(pass.output, dLogprobs: dLogprobs, dEntropies: dEntropies, into: dResidual)
        model.backward(part.packed, room)
    }
}

/// What a microbatch's forward pass gave.
struct ForwardPass {
    let output: LanguageHead.Output
    /// By index into the batch's sequences.
    let terms: [Int: SequenceTerms]
    let tokenCount: Int
}

/// Sums over the microbatches of one step.
private struct StepTotals {
    private var result = ObjectiveResult()
    private var entropySum = 0.0
    private var entropyCount = 0
    private var klSum = 0.0
    private var klCount = 0
    private var parity: Double?
    private(set) var tokenCount = 0

    mutating func add(
        _ next: ObjectiveResult,
        _ pass: ForwardPass,
        _ batch: TrainingBatch,
        _ policyVersion: Int
    ) {
        result.append(next)
        tokenCount += pass.tokenCount
        for (member, terms) in pass.terms {
            entropySum += terms.entropies?.reduce(0, +) ?? 0
            entropyCount += terms.logprobs.count
            if let reference = terms.referenceLogprobs {
                klSum += zip(terms.logprobs, reference).reduce(0) { $0 + $1.0 - $1.1 }
                klCount += 1
            }
            // The same weights sampled and score it: any difference is rounding.
            if let old = terms.oldLogprobs, batch.sequences[member].policyVersion == policyVersion {
                let largest = zip(terms.logprobs, old).map { abs($0 - $1) }.max() ?? 0
                parity = max(parity ?? 0, largest)
            }
        }
    }

    func metrics(norm: Double, learningRate: Double) -> [String: Double] {
        var metrics = result.metrics
        metrics["policy/loss"] = result.loss
        metrics["optimizer/gradient_norm"] = norm
        metrics["optimizer/learning_rate"] = learningRate
        metrics["update/tokens"] = Double(tokenCount)
        if entropyCount > 0 { metrics["policy/entropy"] = entropySum / Double(entropyCount) }
        if klCount > 0 && metrics["policy/kl"] == nil {
            metrics["policy/kl"] = klSum / Double(klCount)
        }
        if let parity { metrics["parity/logprob_abs_diff_max"] = parity }
        return metrics
    }
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
