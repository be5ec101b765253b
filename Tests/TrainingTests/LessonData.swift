import Domain
import Objectives
import Training

/// A batch of made-up prompts and completions with whatever an objective needs to learn from: the
/// first completion of each prompt is good, the second bad, the third in between.
struct LessonData {
    let groups: [SequenceGroup]
    private let requirements: DataRequirements

    init(_ requirements: DataRequirements) {
        self.requirements = requirements
        groups = (0..<3).map { prompt in
            let start = Int32(5 + 9 * prompt)
            func completion(_ place: Int32) -> [Int32] {
                (0..<(2 + place)).map { 3 + (start * 7 + place * 29 + $0 * 11) % 90 }
            }
            return SequenceGroup(
                prompt: [start, start + 1, start + 2],
                completions: [completion(1), completion(2), completion(3)]
            )
        }
    }

    /// Demonstrations of the completions in between, to move a policy away from its reference.
    var warmUp: TrainingBatch {
        TrainingBatch(
            groups: groups,
            sequences: groups.indices.map {
                .init(group: $0, completion: 2, terms: SequenceTerms(logprobs: []))
            },
            pairs: []
        )
    }

    /// The lesson, for a policy whose log-probabilities these are.
    func batch(reference: [[[Float]]], old: [[[Float]]]) -> TrainingBatch {
        var sequences: [TrainingBatch.Sequence] = []
        for (group, completions) in groups.enumerated() {
            for place in completions.completions.indices {
                let count = completions.completions[place].count
                var terms = terms(place, count)
                terms.referenceLogprobs = reference[group][place].map { Double($0) }
                terms.oldLogprobs = old[group][place].map { Double($0) }
                terms.behaviorLogprobs = terms.oldLogprobs
                sequences.append(.init(group: group, completion: place, terms: terms))
            }
        }
        let pairs = groups.indices.map { group in
            var pair = TrainingBatch.Pair(chosen: 3 * group, rejected: 3 * group + 1)
            pair.margin = 1
            pair.preferenceProbability = 0.9
            if requirements.third != nil { pair.third = 3 * group + 2 }
            return pair
        }
        return TrainingBatch(
            groups: groups,
            sequences: sequences,
            pairs: requirements.kind == .pairs ? pairs : []
        )
    }

    private func terms(_ place: Int, _ count: Int) -> SequenceTerms {
        let goodness = [1.0, -1.0, 0.0][place]
        var terms = SequenceTerms(logprobs: [])
        terms.reward = (goodness + 1) / 2
        terms.label = goodness >= 0
        terms[scalar: .winRate] = 0.5 + 0.4 * goodness
        terms[scalar: .stateValue] = 0.4
        terms[scalar: .marginReward] = 0
        terms[tokens: .advantages] = Array(repeating: goodness, count: count)
        terms[tokens: .returns] = Array(repeating: goodness, count: count)
        terms[tokens: .oldValues] = Array(repeating: 0, count: count)
        return terms
    }
}
