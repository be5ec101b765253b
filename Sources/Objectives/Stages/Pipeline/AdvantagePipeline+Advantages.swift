import Domain

extension AdvantagePipeline {
    /// The advantages of the rewards.
    func estimate(
        _ input: StageInput,
        _ outcomes: Outcomes,
        _ penalties: [[[Double]]]?
    ) throws(HoneError) -> TokenEstimate {
        guard let advantage else { return TokenEstimate(input, hasReturns: false) }
        return try estimate(input, outcomes, penalties, advantage, usesTokenRewards: true)
    }

    /// The advantages of the costs.
    ///
    /// What the KL takes off rewards is added to costs, so that their mix has it once.
    func costs(
        _ input: StageInput,
        _ outcomes: Outcomes,
        _ penalties: [[[Double]]]?
    ) throws(HoneError) -> TokenEstimate {
        guard let advantage = costAdvantage else {
            return TokenEstimate(input, hasReturns: false)
        }
        var costs = outcomes
        for (place, group) in input.groups.enumerated() {
            costs.greedy[place] = group.greedy?.cost
            for (sample, completion) in group.completions.enumerated() {
                let isScored = outcomes.groups[place][sample] != nil
                costs.groups[place][sample] = isScored ? completion.cost : nil
            }
        }
        let opposite = penalties?.map { $0.map { $0.map { -$0 } } }
        return try estimate(input, costs, opposite, advantage, usesTokenRewards: false)
    }

    /// What makes advantages of costs: beside values, which know rewards alone, what is still to come
    /// of a completion's cost less the mean cost of its group.
    private var costAdvantage: (any AdvantageEstimator)? {
        guard let advantage, type(of: advantage).needsValues else { return advantage }
        return ReturnToGo(baseline: true)
    }

    private func estimate(
        _ input: StageInput,
        _ outcomes: Outcomes,
        _ penalties: [[[Double]]]?,
        _ estimator: any AdvantageEstimator,
        usesTokenRewards: Bool
    ) throws(HoneError) -> TokenEstimate {
        let kind = type(of: estimator)
        var result = TokenEstimate(input, hasReturns: kind.needsValues)
        var tokens = try laid(input, outcomes, usesTokenRewards)
        if kind.penaltyPlacement != .advantage { tokens.add(penalties) }
        if usesTokenRewards && whitensRewards { tokens.whiten(.scale) }
        if kind.isPerToken {
            try estimateTokens(input, outcomes, tokens, estimator, &result)
        } else {
            try estimateCompletions(input, outcomes, tokens, estimator, &result)
        }
        if kind.penaltyPlacement == .advantage, let penalties {
            for (place, group) in tokens.places.enumerated() {
                for (sample, trained) in group.enumerated() {
                    for token in trained ?? [] {
                        result.advantages[place][sample][token] += penalties[place][sample][token]
                    }
                }
            }
        }
        return result
    }

    /// The rewards that the credit assignment lays on trained tokens.
    private func laid(
        _ input: StageInput,
        _ outcomes: Outcomes,
        _ usesTokenRewards: Bool
    ) throws(HoneError) -> LaidRewards {
        let needsTokens = usesTokenRewards && type(of: credit).needsTokenRewards
        let credit: any CreditAssignment = usesTokenRewards ? self.credit : costCredit
        var result = LaidRewards()
        for (place, group) in input.groups.enumerated() {
            result.beginGroup()
            let outcomes = outcomes.groups[place]
            // A smaller group is not learned from, and need not have what learning needs.
            let isEnough = outcomes.count { $0 != nil } >= minimumGroupSize
            var credited: [Int: Int] = [:]
            var members: [CreditedCompletion] = []
            for (sample, completion) in group.completions.enumerated() {
                guard isEnough, let outcome = outcomes[sample], !completion.trained.isEmpty else {
                    continue
                }
                credited[sample] = members.count
                let tokens = needsTokens ? try Self.tokenRewards(completion) : []
                members.append(CreditedCompletion(outcome: outcome, tokens: tokens))
            }
            members = credit.compared(members)
            for (sample, completion) in group.completions.enumerated() {
                guard let member = credited[sample].map({ members[$0] }) else {
                    result.addUnscored()
                    continue
                }
                let trained = completion.trained
                let rewards = credit.rewards(
                    outcome: member.outcome,
                    tokenRewards: member.tokens,
                    count: trained.count
                )
                result.add(trained, rewards)
            }
        }
        return result
    }

    /// The rewards of the trained tokens.
    private static func tokenRewards(
        _ completion: StageCompletion
    ) throws(HoneError) -> [Double] {
        let given = try completion.tokens(completion.tokenRewards, "token_rewards")
        return completion.trained.map { given[$0] }
    }

    /// Costs lie on the last token, and on the same actions as rewards.
    private var costCredit: any CreditAssignment {
        type(of: credit).joinsTokens ? credit : TerminalCredit()
    }

    private func estimateTokens(
        _ input: StageInput,
        _ outcomes: Outcomes,
        _ tokens: LaidRewards,
        _ estimator: any AdvantageEstimator,
        _ result: inout TokenEstimate
    ) throws(HoneError) {
        for (place, group) in input.groups.enumerated() {
            let mean = Moments(outcomes.groups[place].compactMap(\.self)).mean
            for (sample, completion) in group.completions.enumerated() {
                guard let trained = tokens.places[place][sample] else { continue }
                let actions = credit.actions(count: trained.count)
                func means(_ numbers: [Double]) -> [Double] {
                    actions.map { numbers[$0].reduce(0, +) / Double($0.count) }
                }
                var input = AdvantageInput(rewards: means(tokens.rewards[place][sample]))
                input.baseline = mean
                if result.returns != nil {
                    let values = try completion.tokens(completion.values, "values")
                    input.values = means(trained.map { values[$0] })
                }
                let found = try estimator.advantages(input)
                for (action, range) in actions.enumerated() {
                    for token in range.map({ trained[$0] }) {
                        result.advantages[place][sample][token] = found[action]
                        let value = input.values?[action] ?? 0
                        result.returns?[place][sample][token] = found[action] + value
                    }
                }
            }
        }
    }

    private func estimateCompletions(
        _ input: StageInput,
        _ outcomes: Outcomes,
        _ tokens: LaidRewards,
        _ estimator: any AdvantageEstimator,
        _ result: inout TokenEstimate
    ) throws(HoneError) {
        let all = input.groups.indices.map { $0 }
        for places in type(of: estimator).isOverBatch ? [all] : all.map({ [$0] }) {
            let members = places.flatMap { place in
                tokens.places[place].indices.map { (place: place, sample: $0) }
            }
            var given = AdvantageInput(
                rewards: members.map { tokens.sum($0.place, $0.sample) }
            )
            given.lengths = members.map {
                Double(input.groups[$0.place].completions[$0.sample].trained.count)
            }
            given.baseline = places.first.flatMap { outcomes.greedy[$0] }
            // Without a score of its greedy completion a group cannot be compared: nothing is kept.
            if needsGreedy && given.baseline == nil { continue }
            let found = try estimator.advantages(given)
            for (member, advantage) in zip(members, found) {
                guard let trained = tokens.places[member.place][member.sample] else { continue }
                let profile = estimator.profile(tokens: trained.count)
                for (token, share) in zip(trained, profile) {
                    result.advantages[member.place][member.sample][token] = share * advantage
                }
            }
        }
    }
}
