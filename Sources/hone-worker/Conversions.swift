import Domain
import Objectives
import Training
import WorkerProtocol

// From the protocol's types to the learner's and back.

extension SequenceGroup {
    init(_ group: WorkerRequest.SequenceGroup) {
        self.init(
            prompt: group.promptTokens.elements,
            completions: group.completions.map { $0.elements }
        )
    }
}

extension RewardText {
    init(_ item: WorkerRequest.ScoreItem) {
        self.init(prompt: item.prompt, completion: item.completion)
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
        var pairs: [Pair] = []
        for (index, pair) in job.pairs.enumerated() {
            let members = [pair.chosen, pair.rejected, pair.third].compactMap(\.self)
            guard members.allSatisfy(sequences.indices.contains) else {
                throw HoneError(
                    .invalidData,
                    "pair \(index) names a sequence that is not there",
                    param: "pairs[\(index)]"
                )
            }
            pairs.append(Pair(pair))
        }
        self.init(groups: groups, sequences: sequences, pairs: pairs)
    }
}

extension TrainingBatch.Pair {
    fileprivate init(_ pair: WorkerRequest.TrainingPair) {
        self.init(chosen: pair.chosen, rejected: pair.rejected)
        third = pair.third
        margin = pair.margin
        preferenceProbability = pair.preferenceProbability
        weight = pair.weight
    }
}

extension TrainingBatch.Sequence {
    fileprivate init(
        _ item: WorkerRequest.TrainingSequence,
        count: Int,
        index: Int
    ) throws(HoneError) {
        self.init(
            group: item.group,
            completion: item.completion,
            terms: try SequenceTerms(item, count: count, place: "sequences[\(index)]"),
            policyVersion: item.policyVersion
        )
    }
}

extension SequenceTerms {
    /// Everything but what the model will give: lists of `count` numbers, one a completion token.
    fileprivate init(
        _ item: WorkerRequest.TrainingSequence,
        count: Int,
        place: String
    ) throws(HoneError) {
        self.init(logprobs: [])
        func refusal(_ name: String, _ message: String) -> HoneError {
            HoneError(.invalidData, "\(place).\(name) \(message)", param: "\(place).\(name)")
        }
        for name in item.tokens.keys.sorted() {
            let numbers = (item.tokens[name]?.elements ?? []).map { Double($0) }
            guard numbers.count == count else {
                throw refusal(name, "has \(numbers.count) numbers for \(count) tokens")
            }
            if name == "mask" {
                mask = numbers
            } else if let field = BatchField(rawValue: name), BatchField.perToken.contains(field) {
                self[tokens: field] = numbers
            } else {
                throw refusal(name, "is no number that objectives know of a token")
            }
        }
        for name in item.scalars.keys.sorted() {
            guard let field = BatchField(rawValue: name), BatchField.perSequence.contains(field)
            else { throw refusal(name, "is no number that objectives know of a sequence") }
            self[scalar: field] = item.scalars[name]
        }
        weight = item.weight
        label = item.label
    }
}

extension WorkerReply.ModelSummary {
    init(_ facts: ModelFacts) {
        self.init(
            configuration: facts.configuration,
            parameterCount: facts.parameterCount,
            byteCount: facts.byteCount,
            isRewardModel: facts.isRewardModel,
            rewardKind: facts.rewardKind,
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
