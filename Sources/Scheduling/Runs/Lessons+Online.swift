import Domain
import Objectives
import Store

// What was sampled and scored.
extension Lessons {
    /// Whole groups, with what their rewards say of each completion.
    ///
    /// Completions that the stages leave out, and those that deserve no label when the objective
    /// needs one, leave their group; what is said of the others has seen them.
    ///
    /// With an opponent, win rates are against its completions; a group of which it has no scored one
    /// is left out where the objective needs them.
    init(
        _ scored: ScoredGroups,
        needs: DataRequirements,
        opponents: Opponents? = nil,
        staged: RunStages.Result? = nil,
        isPreference: Bool = false
    ) {
        metrics = staged?.metrics ?? [:]
        for group in scored.groups {
            let start = members.count
            let others = group.first.flatMap { first in opponents?.rewards(first.promptIndex) }
            if let others, others.isEmpty, needs.fields.contains(.winRate) { continue }
            for member in Self.members(group, needs, staged, others, isPreference) {
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
        _ opponents: [Double]?,
        _ isPreference: Bool
    ) -> [Member] {
        let rewarded = group.compactMap { record in
            (staged.map { $0.completions[record.id]?.reward } ?? record.reward).map {
                (record: record, reward: $0)
            }
        }
        let scores = GroupScores(
            rewarded.map(\.reward),
            opponents: opponents,
            isPreference: isPreference
        )
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
    ///   - records: The iteration's rollouts that are learned from, each id once.
    ///   - opponents: What they are compared with, when there is an opponent: win rates are against it,
    ///     its own against the group.
    ///   - pairs: Pairs of their ids; those of which one is missing are left out.
    ///   - certainty: How probable it is that the chosen one of a pair, named by both ids, is truly the
    ///     better one, where people said so.
    ///   - needs: What the objective needs.
    ///   - plan: Chooses the third completion.
    ///   - isPreference: Whether the rewards are win rates within their groups.
    init(
        _ records: [RolloutRecord],
        opponents: Opponents? = nil,
        pairs: [PairRecord],
        certainty: [[Int]: Double] = [:],
        needs: DataRequirements,
        plan: BatchPlan,
        isPreference: Bool = false
    ) {
        let others = opponents?.records ?? []
        members = (records + others).map { Member(record: $0) }
        let places = Self.places(records + others)
        func score(_ group: [RolloutRecord], against opponents: [Double]?) {
            let scores = GroupScores(
                group.compactMap(\.reward),
                opponents: opponents,
                isPreference: isPreference
            )
            for (index, record) in group.enumerated() {
                guard let place = places[record.id] else { continue }
                members[place].scalars = scores.scalars(index, needs)
            }
        }
        for group in ScoredGroups(
            records,
            minimumSize: others.isEmpty ? ScoredGroups.minimumSize : 1
        ).groups {
            guard let prompt = group.first?.promptIndex else { continue }
            score(group, against: opponents?.rewards(prompt))
            score(opponents?.scored[prompt] ?? [], against: group.compactMap(\.reward))
        }
        let opposing = Set(others.map(\.id))
        for pair in pairs {
            guard let chosen = places[pair.chosen], let rejected = places[pair.rejected] else {
                continue
            }
            // Win rates against an opponent without a score are not known.
            let isKnown =
                !needs.fields.contains(.winRate)
                || [chosen, rejected].allSatisfy { members[$0].scalars[.winRate] != nil }
            guard isKnown else { continue }
            var found = Pair(chosen: chosen, rejected: rejected, margin: pair.margin)
            if needs.fields.contains(.preferenceProbability) {
                found.preferenceProbability =
                    certainty[[pair.chosen, pair.rejected]]
                    ?? pair.margin.map {
                        GroupScores.preferenceProbability(margin: $0, isPreference: isPreference)
                    }
            }
            if needs.fields.contains(.exploration) { found.third = third(found, plan, opposing) }
            elements.append(.pair(found))
        }
    }

    /// Another completion of the pair's prompt, scored or not: where there is an opponent, its own in
    /// the pair (as in XPO), else another of its completions.
    private func third(_ pair: Pair, _ plan: BatchPlan, _ opposing: Set<Int>) -> Int? {
        let record = members[pair.chosen].record
        let isOpposing = { (place: Int) in opposing.contains(members[place].record.id) }
        if let own = [pair.chosen, pair.rejected].first(where: isOpposing) { return own }
        let others = members.indices.filter {
            members[$0].record.promptIndex == record.promptIndex
                && $0 != pair.chosen && $0 != pair.rejected
                && (opposing.isEmpty || isOpposing($0))
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
