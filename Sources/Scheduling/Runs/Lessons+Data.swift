import Domain
import Objectives
import Store

// What a data file says.
extension Lessons {
    /// The elements of a data file with what it says of each, in the order of the file.
    ///
    /// - Parameters:
    ///   - records: The stored sequences; `promptIndex` is the element, `sampleIndex` the completion.
    ///   - data: The elements of the run's own copy of the file.
    ///   - needs: What the objective needs.
    ///   - estimator: Makes advantages of the rewards, when the objective needs them.
    /// - Throws: `.notANumber` for rewards of which no advantage can be made.
    init(
        _ records: [RolloutRecord],
        data: [DataElement],
        needs: DataRequirements,
        estimator: (any AdvantageEstimator)?
    ) throws(HoneError) {
        var places: [Int: [Int: Int]] = [:]
        for record in records where data.indices.contains(record.promptIndex) {
            let completions = data[record.promptIndex].completions
            guard completions.indices.contains(record.sampleIndex) else { continue }
            places[record.promptIndex, default: [:]][record.sampleIndex] = members.count
            members.append(Member(record, completions[record.sampleIndex]))
        }
        for (index, element) in data.enumerated() {
            let found = places[index] ?? [:]
            guard found.count == element.completions.count, let first = found[0] else { continue }
            switch needs.kind {
            case .sequences: elements.append(.sequence(first))
            case .groups:
                let group = first..<first + found.count
                for place in group { members[place].weight *= element.weight }
                elements.append(.group(group))
            case .pairs:
                guard let rejected = found[1] else { continue }
                let pair = Pair(
                    chosen: first,
                    rejected: rejected,
                    third: found[2],
                    margin: element.margin,
                    preferenceProbability: element.preferenceProbability,
                    weight: element.weight
                )
                elements.append(.pair(pair))
            }
        }
        if let estimator { try addAdvantages(data.map(\.prompt), estimator) }
        if needs.fields.contains(.returns) {
            for place in members.indices {
                if let reward = members[place].scalars[.reward] {
                    members[place].set(.returns, reward)
                }
            }
        }
    }

    /// Compares the rewards of each prompt's sequences; those whose prompt occurs once are compared
    /// with each other.
    ///
    /// Estimators over a batch take all sequences of the file.
    private mutating func addAdvantages(
        _ prompts: [Prompt],
        _ estimator: any AdvantageEstimator
    ) throws(HoneError) {
        let groups = Dictionary(grouping: members.indices) { place in
            prompts[members[place].record.promptIndex]
        }
        let several = groups.values.filter { $0.count > 1 }
        let single = groups.values.filter { $0.count == 1 }.flatMap(\.self).sorted()
        let isOverBatch = type(of: estimator).isOverBatch
        for group in isOverBatch ? [Array(members.indices)] : several + [single] {
            var input = AdvantageInput(rewards: group.map { members[$0].scalars[.reward] })
            input.lengths = group.map {
                Double(members[$0].record.rollout.completionTokens.count)
            }
            for (place, advantage) in zip(group, try estimator.advantages(input)) {
                let count = members[place].record.rollout.completionTokens.count
                members[place].tokens[.advantages] = estimator.profile(tokens: count)
                    .map { Float($0 * advantage) }
            }
        }
    }
}

extension Lessons.Member {
    fileprivate init(_ record: RolloutRecord, _ completion: DataCompletion) {
        self.init(
            record: record,
            scalars: completion.scalars,
            label: completion.label,
            weight: completion.weight
        )
    }
}
