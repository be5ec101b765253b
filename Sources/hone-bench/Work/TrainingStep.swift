import Domain
import Objectives
import Training

/// One optimizer step, as a run does it.
struct TrainingStep {
    let session: PolicySession
    let objective: any Objective
    var batch: TrainingBatch

    init(session: PolicySession, objective: any Objective, batch: TrainingBatch) {
        self.session = session
        self.objective = objective
        self.batch = batch
    }

    /// With the objective's defaults.
    init(session: PolicySession, objective: String, batch: TrainingBatch) throws {
        self.init(
            session: session,
            objective: try ObjectiveCatalogue.make(
                name: objective,
                parameters: .object([:]),
                path: "$"
            ),
            batch: batch
        )
    }

    /// Forward, loss, backward and the optimizer's step.
    func run() throws { _ = try forwardAndBackward() }

    /// The same; returns the time until the last gradient was there.
    @discardableResult
    func forwardAndBackward() throws -> Duration {
        guard let learner = session.learner else { preconditionFailure("opened for training") }
        // As the worker does before a step.
        session.beginLearning()
        let clock = ContinuousClock()
        let start = clock.now
        var last = start
        // A rate at which weights stay what they are in all but the last bits.
        _ = try learner.update(batch, objective: objective, learningRate: 1e-7) { _ in
            last = clock.now
        }
        return last - start
    }
}

extension TrainingBatch {
    /// Every completion once, no pairs.
    static func each(_ groups: [SequenceGroup]) -> TrainingBatch {
        var sequences: [Sequence] = []
        for (index, group) in groups.enumerated() {
            for completion in group.completions.indices {
                let terms = SequenceTerms(logprobs: [])
                sequences.append(.init(group: index, completion: completion, terms: terms))
            }
        }
        return TrainingBatch(groups: groups, sequences: sequences, pairs: [])
    }

    /// Completions two by two: the first of each two is chosen.
    static func pairs(_ groups: [SequenceGroup]) -> TrainingBatch {
        var batch = each(groups)
        batch.pairs = stride(from: 0, to: batch.sequences.count, by: 2).map {
            Pair(chosen: $0, rejected: $0 + 1)
        }
        return batch
    }

    /// Drawn completions with what they were drawn by, and an advantage for each of a group of eight.
    init(
        _ prompts: [[Int32]],
        _ drawn: [[SampledSequence]],
        advantages: ([SampledSequence]) throws -> [Double]
    ) rethrows {
        self = .each(
            zip(prompts, drawn).map { prompt, group in
                SequenceGroup(prompt: prompt, completions: group.map { $0.tokens })
            }
        )
        let all = drawn.flatMap { $0 }
        for first in stride(from: 0, to: all.count, by: 8) {
            let members = first..<min(first + 8, all.count)
            for (index, advantage) in zip(members, try advantages(Array(all[members]))) {
                let logprobs = all[index].logprobs.map { Double($0) }
                sequences[index].terms.oldLogprobs = logprobs
                sequences[index].terms.advantages = logprobs.map { _ in advantage }
            }
        }
    }

    /// The reference's log-probabilities, by group and completion.
    mutating func setReference(_ logprobs: [[[Float]]]) {
        for index in sequences.indices {
            let place = sequences[index]
            let numbers = logprobs[place.group][place.completion]
            sequences[index].terms.referenceLogprobs = numbers.map { Double($0) }
        }
    }
}

extension SequenceGroup {
    /// Each completion with a prompt of its own.
    var apart: [SequenceGroup] {
        completions.map { SequenceGroup(prompt: prompt, completions: [$0]) }
    }
}
