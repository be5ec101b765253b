import Domain
import Objectives
import Store
import WorkerProtocol

/// What an iteration's steps learn from: stored sequences, and pairs or groups by their places
/// among them.
struct Lessons: Sendable {
    let sequences: [RolloutRecord]
    let pairs: [(chosen: Int, rejected: Int, margin: Double?)]
    let groups: [Range<Int>]
    /// One for each sequence; empty when the objective needs none.
    let advantages: [Double]

    /// Finds each pair's places among `sequences`; pairs of which one is missing are left out.
    ///
    /// - Parameters:
    ///   - sequences: Stored sequences, each id once.
    ///   - pairs: Pairs of rollout ids.
    init(_ sequences: [RolloutRecord], pairs: [PairRecord]) {
        self.sequences = sequences
        groups = []
        advantages = []
        let places = Dictionary(
            uniqueKeysWithValues: sequences.enumerated().map { ($1.id, $0) }
        )
        self.pairs = pairs.compactMap { pair in
            guard let chosen = places[pair.chosen], let rejected = places[pair.rejected] else {
                return nil
            }
            return (chosen, rejected, pair.margin)
        }
    }

    /// Whole groups, with the advantages that `estimator` makes of their rewards.
    ///
    /// - Throws: `.notANumber` for rewards of which no advantage can be made.
    init(_ scored: ScoredGroups, estimator: (any AdvantageEstimator)?) throws(HoneError) {
        sequences = scored.groups.flatMap(\.self)
        pairs = []
        var groups: [Range<Int>] = []
        var advantages: [Double] = []
        for group in scored.groups {
            let start = groups.last?.upperBound ?? 0
            groups.append(start..<start + group.count)
            guard let estimator else { continue }
            var input = AdvantageInput(rewards: group.map(\.reward))
            input.lengths = group.map { Double($0.rollout.completionTokens.count) }
            advantages += try estimator.advantages(input)
        }
        self.groups = groups
        self.advantages = advantages
    }

    /// Groups, else pairs, else sequences.
    var elementCount: Int {
        if !groups.isEmpty { return groups.count }
        return pairs.isEmpty ? sequences.count : pairs.count
    }

    /// The content of a step on some elements.
    ///
    /// Sequences of one prompt form one group, so that the worker computes the prompt once.
    func batch(
        elements: [Int],
        needsReference: Bool,
        reference: ReferenceRule
    ) throws(HoneError) -> Batch {
        var batch = Batch()
        for element in elements {
            if !groups.isEmpty {
                // Two groups of one prompt are compared each within itself.
                batch.endGroups()
                for place in groups[element] {
                    let advantage = advantages.isEmpty ? nil : advantages[place]
                    _ = try batch.add(sequences[place], needsReference, reference, advantage)
                }
            } else if pairs.isEmpty {
                _ = try batch.add(sequences[element], needsReference, reference)
            } else {
                let pair = pairs[element]
                let chosen = try batch.add(sequences[pair.chosen], needsReference, reference)
                let rejected = try batch.add(sequences[pair.rejected], needsReference, reference)
                batch.pairs.append(
                    .init(chosen: chosen, rejected: rejected, margin: pair.margin)
                )
            }
        }
        return batch
    }

    /// The arrays of a `WorkerRequest.Update` as they are put together.
    struct Batch: Sendable {
        var groups: [WorkerRequest.SequenceGroup] = []
        var sequences: [WorkerRequest.TrainingSequence] = []
        var pairs: [WorkerRequest.TrainingPair] = []
        private var groupOfPrompt: [[Int32]: Int] = [:]

        /// Adds a sequence and returns its place.
        mutating func add(
            _ record: RolloutRecord,
            _ needsReference: Bool,
            _ rule: ReferenceRule,
            _ advantage: Double? = nil
        ) throws(HoneError) -> Int {
            let rollout = record.rollout
            // The policy at the start of the iteration is the one that sampled.
            let reference =
                rule == .previousIteration && !rollout.logprobs.isEmpty
                ? rollout.logprobs : rollout.referenceLogprobs
            if needsReference && reference.count != rollout.completionTokens.count {
                throw HoneError(
                    .internalError,
                    "rollout \(record.id) has \(reference.count) reference log-probabilities for "
                        + "\(rollout.completionTokens.count) tokens"
                )
            }
            return append(
                prompt: rollout.promptTokens,
                completion: rollout.completionTokens,
                WorkerRequest.TrainingSequence(
                    group: 0,
                    completion: 0,
                    referenceLogprobs: needsReference ? Packed(reference) : nil,
                    oldLogprobs: rollout.logprobs.isEmpty ? nil : Packed(rollout.logprobs),
                    behaviorLogprobs: rollout.samplingLogprobs.isEmpty
                        ? nil : Packed(rollout.samplingLogprobs),
                    advantages: advantage.map {
                        Packed([Float](repeating: Float($0), count: rollout.completionTokens.count))
                    },
                    reward: record.reward,
                    // Sequences of a data file were sampled by no version.
                    policyVersion: rollout.logprobs.isEmpty ? nil : rollout.policyVersion
                )
            )
        }

        /// Has the sequences that follow form groups of their own, whatever their prompts.
        mutating func endGroups() { groupOfPrompt = [:] }

        /// Adds a sequence to its prompt's group and returns its place.
        mutating func append(
            prompt: [Int32],
            completion: [Int32],
            _ sequence: WorkerRequest.TrainingSequence
        ) -> Int {
            let group = groupOfPrompt[prompt] ?? groups.count
            if group == groups.count {
                groupOfPrompt[prompt] = group
                groups.append(.init(promptTokens: Packed(prompt), completions: []))
            }
            var sequence = sequence
            sequence.group = group
            sequence.completion = groups[group].completions.count
            groups[group].completions.append(Packed(completion))
            sequences.append(sequence)
            return sequences.count - 1
        }
    }
}
