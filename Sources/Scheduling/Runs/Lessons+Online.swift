import Domain
import Objectives
import Store

// What was sampled and scored.
extension Lessons {
    /// Whole groups, with what their rewards say of each completion.
    ///
    /// Completions that the stages leave out, and those that deserve no label when the objective
    /// needs one, leave their group; what is said of the others has seen them.
    init(
        _ scored: ScoredGroups,
        needs: DataRequirements,
        staged: RunStages.Result? = nil,
        isPreference: Bool = false
    ) {
        metrics = staged?.metrics ?? [:]
        for group in scored.groups {
            let start = members.count
            for member in Self.members(group, needs, staged, isPreference) {
                members.append(member)
            }
            // Losses over lists compare what is in them.
            let least = needs.kind == .groups ? max(1, needs.minimumGroupSize) : 1
            guard members.count - start >= least else {
                members.removeLast(members.count - start)
                continue
            }
            elements.append(.group(start..<members.count))
        }
    }

    private static func members(
        _ group: [RolloutRecord],
        _ needs: DataRequirements,
        _ staged: RunStages.Result?,
        _ isPreference: Bool
    ) -> [Member] {
        let rewarded = group.compactMap { record in
            (staged.map { $0.completions[record.id]?.reward } ?? record.reward).map {
                (record: record, reward: $0)
            }
        }
        let scores = GroupScores(rewarded.map(\.reward), isPreference: isPreference)
        return rewarded.enumerated().compactMap { index, element in
            let made = staged?.completions[element.record.id]
            guard made?.isKept ?? true else { return nil }
            var member = Member(record: element.record, scalars: scores.scalars(index, needs))
            if needs.fields.contains(.label) {
                guard let label = scores.label(index) else { return nil }
                member.label = label
            }
            if let made, needs.fields.contains(.advantages) {
                member.tokens[.advantages] = made.advantages.map { Float($0) }
            }
            if needs.fields.contains(.returns) {
                // What knows no values has the reward for the value head to estimate.
                member.set(.returns, element.reward)
                if let returns = made?.returns {
                    member.tokens[.returns] = returns.map { Float($0) }
                }
            }
            if needs.fields.contains(.oldValues) {
                member.tokens[.oldValues] = staged?.values[element.record.id]
            }
            return member
        }
    }

    /// Pairs of one iteration's rollouts, with what the rewards of their groups say of each.
    ///
    /// - Parameters:
    ///   - records: The iteration's rollouts, each id once.
    ///   - pairs: Pairs of their ids; those of which one is missing are left out.
    ///   - needs: What the objective needs.
    ///   - plan: Chooses the third completion.
    ///   - isPreference: Whether the rewards are win rates within their groups.
    init(
        _ records: [RolloutRecord],
        pairs: [PairRecord],
        needs: DataRequirements,
        plan: BatchPlan,
        isPreference: Bool = false
    ) {
        members = records.map { Member(record: $0) }
        let places = Self.places(records)
        for group in ScoredGroups(records).groups {
            let scores = GroupScores(group.compactMap(\.reward), isPreference: isPreference)
            for (index, record) in group.enumerated() {
                guard let place = places[record.id] else { continue }
                members[place].scalars = scores.scalars(index, needs)
            }
        }
        for pair in pairs {
            guard let chosen = places[pair.chosen], let rejected = places[pair.rejected] else {
                continue
            }
            var found = Pair(chosen: chosen, rejected: rejected, margin: pair.margin)
            if needs.fields.contains(.preferenceProbability) {
                found.preferenceProbability = pair.margin.map {
                    GroupScores.preferenceProbability(margin: $0, isPreference: isPreference)
                }
            }
            if needs.fields.contains(.exploration) { found.third = third(found, plan) }
            elements.append(.pair(found))
        }
    }

    /// Another completion of the pair's prompt, scored or not.
    private func third(_ pair: Pair, _ plan: BatchPlan) -> Int? {
        let record = members[pair.chosen].record
        let others = members.indices.filter {
            members[$0].record.promptIndex == record.promptIndex
                && $0 != pair.chosen && $0 != pair.rejected
        }
        return plan.third(
            iteration: record.iteration,
            prompt: record.promptIndex,
            among: others.sorted {
                members[$0].record.sampleIndex < members[$1].record.sampleIndex
            }
        )
    }
}

extension Lessons.Member {
    /// Gives every token one number.
    mutating func set(_ field: BatchField, _ number: Double) {
        tokens[field] = [Float](
            repeating: Float(number),
            count: record.rollout.completionTokens.count
        )
    }
}
