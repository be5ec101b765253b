import Domain
import Objectives
import Training
import WorkerProtocol

// From the protocol's types to the learner's and back.

extension TrainingPlan {
    init(_ plan: WorkerRequest.TrainingPlan) {
        self.init(
            trainable: plan.trainable,
            optimizer: plan.optimizer,
            activationMemoryBytes: plan.activationMemoryBytes,
            seed: plan.seed,
            trainsValueHead: plan.trainsValueHead
        )
    }
}

extension SequenceGroup {
    init(_ group: WorkerRequest.SequenceGroup) {
        self.init(
            prompt: group.promptTokens.elements,
            completions: group.completions.map { $0.elements }
        )
    }
}

extension TrainingBatch {
    /// - Throws: `invalidData` for indices that point nowhere and arrays of the wrong length.
    init(_ job: WorkerRequest.Update) throws(HoneError) {
        let groups = job.groups.map { SequenceGroup($0) }
        var sequences: [Sequence] = []
        for (index, item) in job.sequences.enumerated() {
            guard groups.indices.contains(item.group),
                groups[item.group].completions.indices.contains(item.completion)
            else {
                throw HoneError(
                    .invalidData,
                    "sequence \(index) names a completion that is not there",
                    param: "sequences[\(index)]"
                )
            }
            let count = groups[item.group].completions[item.completion].count
            sequences.append(try Sequence(item, count: count, index: index))
        }
        for (index, pair) in job.pairs.enumerated() {
            guard sequences.indices.contains(pair.chosen), sequences.indices.contains(pair.rejected)
            else {
                throw HoneError(
                    .invalidData,
                    "pair \(index) names a sequence that is not there",
                    param: "pairs[\(index)]"
                )
            }
        }
        self.init(
            groups: groups,
            sequences: sequences,
            pairs: job.pairs.map {
                Pair(chosen: $0.chosen, rejected: $0.rejected, margin: $0.margin)
            }
        )
    }
}

extension TrainingBatch.Sequence {
    fileprivate init(
        _ item: WorkerRequest.TrainingSequence,
        count: Int,
        index: Int
    ) throws(HoneError) {
        func numbers(_ packed: Packed<Float>?, _ name: String) throws(HoneError) -> [Double]? {
            guard let packed else { return nil }
            guard packed.elements.count == count else {
                throw HoneError(
                    .invalidData,
                    "\(name) of sequence \(index) has \(packed.elements.count) numbers for \(count) tokens",
                    param: "sequences[\(index)].\(name)"
                )
            }
            return packed.elements.map { Double($0) }
        }
        var terms = SequenceTerms(logprobs: [])
        terms.referenceLogprobs = try numbers(item.referenceLogprobs, "reference_logprobs")
        terms.oldLogprobs = try numbers(item.oldLogprobs, "old_logprobs")
        terms.behaviorLogprobs = try numbers(item.behaviorLogprobs, "behavior_logprobs")
        terms.advantages = try numbers(item.advantages, "advantages")
        terms.reward = item.reward
        terms.weight = item.weight
        terms.label = item.label
        self.init(
            group: item.group,
            completion: item.completion,
            terms: terms,
            policyVersion: item.policyVersion
        )
    }
}

extension WorkerReply.ModelSummary {
    init(_ facts: ModelFacts) {
        self.init(
            configuration: facts.configuration,
            parameterCount: facts.parameterCount,
            byteCount: facts.byteCount,
            isRewardModel: facts.isRewardModel,
            sourceType: facts.sourceType
        )
    }
}

extension WorkerReply.SampledCompletion {
    init(_ sequence: SampledSequence) {
        self.init(
            tokens: Packed(sequence.tokens),
            text: sequence.text,
            logprobs: Packed(sequence.logprobs),
            samplingLogprobs: Packed(sequence.samplingLogprobs),
            referenceLogprobs: Packed(sequence.referenceLogprobs),
            stopReason: sequence.stopReason
        )
    }
}
