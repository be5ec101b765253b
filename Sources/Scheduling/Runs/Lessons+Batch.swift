import Domain
import Objectives
import Store
import WorkerProtocol

extension Lessons {
    /// The content of a step on the elements at some places.
    ///
    /// Sequences of one prompt form one group, so that the worker computes the prompt once.
    func batch(
        _ places: [Int],
        needs: DataRequirements,
        reference: ReferenceRule
    ) throws(HoneError) -> Batch {
        var batch = Batch()
        // A completion of several pairs is there once.
        var added: [Int: Int] = [:]
        func add(_ place: Int) throws(HoneError) -> Int {
            if let found = added[place] { return found }
            let index = try batch.add(members[place], needs, reference)
            added[place] = index
            return index
        }
        for element in places.map({ elements[$0] }) {
            switch element {
            case .sequence(let place): _ = try add(place)
            case .group(let group):
                // Two groups of one prompt are compared each within itself.
                batch.endGroups()
                for place in group { _ = try add(place) }
            case .pair(let pair):
                batch.pairs.append(
                    .init(
                        chosen: try add(pair.chosen),
                        rejected: try add(pair.rejected),
                        third: try pair.third.map(add),
                        margin: pair.margin,
                        preferenceProbability: pair.preferenceProbability,
                        weight: pair.weight
                    )
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

        /// Adds a member and returns its place.
        mutating func add(
            _ member: Member,
            _ needs: DataRequirements,
            _ rule: ReferenceRule
        ) throws(HoneError) -> Int {
            let rollout = member.record.rollout
            var scalars = member.scalars
            scalars[.reward] = scalars[.reward] ?? member.record.reward
            let tokens = try member.logprobs(needs, rule).merging(member.tokens) { $1 }
            func named<Number>(_ fields: [BatchField: Number]) -> [String: Number] {
                Dictionary(uniqueKeysWithValues: fields.map { ($0.rawValue, $1) })
            }
            return append(
                prompt: rollout.promptTokens,
                completion: rollout.completionTokens,
                WorkerRequest.TrainingSequence(
                    tokens: named(tokens).mapValues { Packed($0) },
                    scalars: named(scalars),
                    weight: member.weight,
                    label: member.label,
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

extension Lessons.Member {
    /// The stored log-probabilities by the objectives' names.
    ///
    /// The data of a file counts as drawn from the policy that the run starts with, the reference.
    fileprivate func logprobs(
        _ needs: DataRequirements,
        _ rule: ReferenceRule
    ) throws(HoneError) -> [BatchField: [Float]] {
        let rollout = record.rollout
        let isSampled = !rollout.logprobs.isEmpty
        // The policy at the start of the iteration is the one that sampled.
        let isPrevious = rule == .previousIteration && isSampled
        var found: [BatchField: [Float]] = [:]
        if needs.needsReference {
            found[.referenceLogprobs] = isPrevious ? rollout.logprobs : rollout.referenceLogprobs
        }
        if isSampled {
            found[.oldLogprobs] = rollout.logprobs
            if !rollout.samplingLogprobs.isEmpty {
                found[.behaviorLogprobs] = rollout.samplingLogprobs
            }
        } else {
            for field in [BatchField.oldLogprobs, .behaviorLogprobs]
            where needs.fields.contains(field) {
                found[field] = rollout.referenceLogprobs
            }
        }
        let count = rollout.completionTokens.count
        for (field, numbers) in found where numbers.count != count {
            throw HoneError(
                .internalError,
                "rollout \(record.id) has \(numbers.count) \(field.rawValue) for \(count) tokens"
            )
        }
        return found
    }
}
