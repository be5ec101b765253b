import Domain
import Rewards
import Store

extension RunDriver {
    /// Which of an iteration's groups are learned from.
    struct Selection {
        /// Everything that was drawn, in all rounds.
        var drawn: [RolloutRecord]
        /// What an opponent drew for the same prompts.
        var opposing: [RolloutRecord] = []
        /// The completions of the groups that are learned from; all of them without a refill.
        var learned: [RolloutRecord]
        /// How many groups are there to learn from, surplus cut.
        var groupCount: Int
        /// For objectives on pairs: what became of each group drawn.
        var outcomes: [PairingOutcome] = []
        /// For objectives on pairs: those of the groups that are learned from, in order.
        var groupPairs: [GroupPairs] = []
        /// By their contract names.
        var metrics: [String: Double] = [:]
    }

    /// The pairs of one group, as they are stored.
    struct GroupPairs {
        var place: Int
        var pairs: [(chosen: Int, rejected: Int, margin: Double?)]
    }

    /// What the iteration under way samples now.
    var round: SamplingRound {
        machine.refill ?? SamplingRound(prompts: spec.firstPrompts, groupSize: spec.groupSize)
    }

    /// The prompts of a unit of sampling, and their places in the iteration.
    ///
    /// Iterations take up the list of prompts where the one before left it, however much that drew.
    func prompts(of unit: WorkUnit) async throws(HoneError) -> (Range<Int>, [SampledPrompt]) {
        let places = round.places(ofUnit: unit.index, groupSize: spec.groupSize)
        let first = try await firstPosition(of: unit.iteration)
        let positions = first + places.lowerBound..<first + places.upperBound
        let chosen = plan.prompts(at: positions, of: inputs.prompts.count, in: inputs.order)
        let sampled = chosen.map {
            SampledPrompt(prompt: inputs.prompts[$0.prompt], stream: $0.stream)
        }
        return (places, try await reset(sampled, chosen.map(\.prompt)))
    }

    /// The position in the run's passes over its prompts at which an iteration begins.
    func firstPosition(of iteration: Int) async throws(HoneError) -> Int {
        guard spec.refill != nil else { return (iteration - 1) * spec.promptsPerIteration }
        // What a fork's origin drew is not the fork's to read: it counts as without refills.
        return machine.shape.firstIteration * spec.firstPrompts
            + (try await context.store.drawnPrompts(run: record.id, before: iteration))
    }

    /// The groups that an iteration learns from, of all that it drew.
    ///
    /// Without a refill these are all; with one the first `prompts_per_iteration` that teach anything.
    func select(
        _ drawn: [RolloutRecord],
        _ iteration: Int
    ) async throws(HoneError) -> Selection {
        var chosen = Selection(drawn: drawn, learned: drawn, groupCount: 0)
        var teaching: [Int]
        if inputs.learnsFromGroups {
            guard spec.refill != nil else { return chosen }
            let lessons = try await groupLessons(drawn, iteration)
            teaching = lessons.groupPlaces
            chosen.metrics = lessons.metrics.filter { $0.key.hasPrefix("rollout/filtered_") }
        } else {
            chosen.opposing = try await opponents(iteration)?.records ?? []
            makePairs(&chosen, iteration, try await labels(iteration))
            teaching = chosen.groupPairs.map(\.place)
        }
        guard spec.refill != nil else { return chosen }
        let surplus = max(0, teaching.count - spec.promptsPerIteration)
        teaching.removeLast(surplus)
        chosen.groupCount = teaching.count
        let kept = Set(teaching)
        chosen.learned = drawn.filter { kept.contains($0.promptIndex) }
        chosen.groupPairs.removeAll { !kept.contains($0.place) }
        chosen.metrics["rollout/refill_rounds"] = Double(round.number)
        chosen.metrics["rollout/drawn_groups"] = Double(Set(drawn.map(\.promptIndex)).count)
        chosen.metrics["rollout/surplus_groups"] = Double(surplus)
        return chosen
    }

    /// What people compared stands in place of the rule's pairs of its group.
    private func makePairs(_ chosen: inout Selection, _ iteration: Int, _ labels: HumanLabels?) {
        guard let pairing = inputs.pairing else { return }
        let places = Dictionary(
            chosen.drawn.map { ($0.id, $0.promptIndex) },
            uniquingKeysWith: { first, _ in first }
        )
        let asked = Dictionary(grouping: labels?.pairs ?? []) { places[$0.chosen] }
        let isHuman = spec.feedback?.mode == .human
        let noise = PairNoise(spec)
        var flipped = 0
        let drawn = chosen.drawn.byPrompt
        let opposing = chosen.opposing.byPrompt
        for place in drawn.keys.sorted() {
            if let pairs = asked[place] {
                let stored = pairs.map { ($0.chosen, $0.rejected, $0.margin) }
                chosen.outcomes.append(.pairs(pairs.map { _ in RankedPair(0, 1, 1) }))
                chosen.groupPairs.append(GroupPairs(place: place, pairs: stored))
                continue
            }
            if isHuman {
                chosen.outcomes.append(.unpaired)
                continue
            }
            let own = drawn[place] ?? []
            let group = own + (opposing[place] ?? [])
            let outcome = pairing.pairs(
                group.map(\.reward),
                opponents: Set(own.count..<group.count),
                random: plan.pairing(iteration: iteration, prompt: place)
            )
            chosen.outcomes.append(outcome)
            if outcome.pairs.isEmpty { continue }
            var random = plan.noise(iteration: iteration, prompt: place)
            let pairs = outcome.pairs.map { noise.applied(to: $0, &random) }
            flipped += pairs.count { $0.margin < 0 }
            chosen.groupPairs.append(
                GroupPairs(
                    place: place,
                    pairs: pairs.map {
                        (group[$0.chosen].id, group[$0.rejected].id, Optional($0.margin))
                    }
                )
            )
        }
        if noise.isThere { chosen.metrics["rollout/flipped_pairs"] = Double(flipped) }
    }

    /// Further prompts, when groups are missing and there are rounds left.
    func refill(
        _ chosen: Selection,
        _ iteration: Int
    ) async throws(HoneError) -> SamplingRound? {
        guard let refill = spec.refill, round.number < refill.rounds else { return nil }
        let missing = spec.promptsPerIteration - chosen.groupCount
        guard missing > 0 else { return nil }
        let next = SamplingRound(
            after: round,
            prompts: refill.prompts(missing: missing),
            groupSize: spec.groupSize
        )
        try await note(
            "iteration \(iteration): \(missing) of \(spec.promptsPerIteration) groups are missing: "
                + "round \(next.number) draws \(next.promptCount) further prompts"
        )
        return next
    }
}

extension Lessons {
    /// The places of the prompts whose groups are learned from, in their order.
    var groupPlaces: [Int] {
        elements.compactMap { element in
            guard case .group(let group) = element else { return nil }
            return members[group.lowerBound].record.promptIndex
        }
    }
}
