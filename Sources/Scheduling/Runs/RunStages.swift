import Domain
import Objectives
import Rewards
import Store

/// The stages between an online run's rewards and its advantages: the method's own, and the spec's in
/// their place.
struct RunStages: Sendable {
    let pipeline: AdvantagePipeline

    /// Reads the stages of a run that learns from whole groups.
    ///
    /// - Throws: all faults of `$.advantage` and `$.stages`: what is unknown, what runs do not give,
    ///   what nothing would read.
    init(
        _ spec: RunSpec,
        _ needs: DataRequirements,
        estimator: (any AdvantageEstimator)?
    ) throws(Faults) {
        let preset = ObjectiveCatalogue.type(named: spec.objective.name)?.preset ?? StagePreset()
        let own = estimator == nil ? StagePreset() : preset
        if estimator == nil { try Self.refuseUnread(spec) }
        var pipeline = try AdvantagePipeline(
            own.overridden(by: spec.stages),
            advantage: estimator,
            coefficients: Self.coefficients(spec)
        )
        // A lone completion is compared with the opponent's.
        let least = spec.opponent == nil ? ScoredGroups.minimumSize : 1
        pipeline.minimumGroupSize = max(pipeline.minimumGroupSize, least)
        self.pipeline = pipeline
        let faults = missing(spec)
        if !faults.isEmpty { throw Faults(faults) }
    }

    /// The objective's own coefficients, as far as it has them.
    private static func coefficients(_ spec: RunSpec) throws(Faults) -> [ControllerTarget: Double] {
        guard let type = ObjectiveCatalogue.type(named: spec.objective.name) else { return [:] }
        let values = try ParameterValues(
            spec.objective.parameters,
            describedBy: type.parameters,
            path: "$.objective"
        )
        var found: [ControllerTarget: Double] = [:]
        for target in ControllerTarget.allCases {
            found[target] = values.optionalNumber(target.rawValue)
        }
        return found
    }

    /// Stages of advantages, for an objective that learns from none.
    private static func refuseUnread(_ spec: RunSpec) throws(Faults) {
        guard let stages = spec.stages else { return }
        var names: [String] = []
        if stages.rewardKL != nil { names.append("reward_kl") }
        if stages.credit != nil { names.append("credit") }
        if stages.whitenRewards != nil { names.append("whiten_rewards") }
        if stages.whiten != nil { names.append("whiten") }
        if stages.advantageClip != nil { names.append("advantage_clip") }
        if stages.controllers != nil { names.append("controllers") }
        for (index, filter) in (stages.filters ?? []).enumerated()
        where filter.name == "small_advantage" {
            names.append("filters[\(index)]")
        }
        if names.isEmpty { return }
        throw Faults(
            names.map {
                Fault(
                    path: "$.stages.\($0)",
                    message:
                        "is not used by \(spec.objective.name), which learns from no advantages"
                )
            }
        )
    }

    /// What the stages need and a run does not have.
    private func missing(_ spec: RunSpec) -> [Fault] {
        var faults: [Fault] = []
        for (index, transform) in pipeline.rewards.enumerated() where transform.needsReferences {
            let name = type(of: transform).name
            let message =
                "\(name) needs the reward to beat as a parameter: runs draw no completions from the "
                + "reference"
            faults.append(Fault(path: "$.stages.rewards[\(index)]", message: message))
        }
        if type(of: pipeline.credit).needsTokenRewards,
            let message = Self.tokenRewardsProblem(spec)
        {
            faults.append(Fault(path: "$.stages.credit", message: message))
        }
        if pipeline.needsReference && spec.reference == .previousIteration {
            let message =
                "must not be previous_iteration: the KL in the reward, and what adapts its coefficient, are to the "
                + "weights that the run starts from"
            faults.append(Fault(path: "$.reference", message: message))
        }
        if let cost = pipeline.costName, let fault = Self.unknownCost(cost, spec) {
            faults.append(fault)
        }
        return faults
    }

    /// Why there is no reward for each token that could be laid there.
    private static func tokenRewardsProblem(_ spec: RunSpec) -> String? {
        // What is wrong with the reward is said elsewhere.
        guard let plan = try? RewardPlan(spec.reward ?? .null) else { return nil }
        switch plan.tokenLeaves.count {
        case 1: return nil
        case 0:
            return
                "dense needs a reward for each token, and no part of $.reward gives one: add "
                + "{\"name\": \"implicit\", \"model\": …} to it, in a weighted_sum with the weight 0 "
                + "where the completion's own reward is to stay what it is"
        case let count:
            return
                "dense lays one reward on each token, and \(count) parts of $.reward give one: leave "
                + "one implicit reward there"
        }
    }

    private static func unknownCost(_ cost: String, _ spec: RunSpec) -> Fault? {
        // What is wrong with the reward is said elsewhere.
        guard let plan = try? RewardPlan(spec.reward ?? .null) else { return nil }
        let known = [tokens] + plan.leaves.map(\.label)
        if known.contains(cost) { return nil }
        let index = spec.stages?.controllers?.firstIndex { $0.name == "lagrange" } ?? 0
        return Fault(
            path: "$.stages.controllers[\(index)].cost",
            message: "\"\(cost)\" is no part of the reward; known: \(known.joined(separator: ", "))"
        )
    }

    /// The cost that is the number of tokens.
    static let tokens = "tokens"
}

extension RunStages {
    /// What the stages made of an iteration, by the rollouts' ids.
    struct Result: Sendable {
        /// Of every completion that may be trained on, scored or not.
        var completions: [Int: StagedCompletion] = [:]
        /// The value head's estimates at each token; empty without a value head.
        var values: [Int: [Float]] = [:]
        /// By their contract names.
        var metrics: [String: Double] = [:]
    }

    /// Goes through the stages of one iteration.
    ///
    /// - Parameters:
    ///   - rollouts: the iteration's completions, scored.
    ///   - greedy: the greedy completion of each prompt, where the stages need one.
    ///   - values: the value head's estimates at each token, by the rollouts' ids.
    ///   - iteration: from 1; keeps random choices apart.
    ///   - seed: the run's.
    ///   - lag: iterations by which the policy that sampled lags behind.
    ///   - history: the metrics of the run's iterations before, oldest first.
    /// - Returns: what was made of each completion.
    /// - Throws: `.notANumber` for rewards of which no advantage can be made, `.invalidData` when
    ///   something that the stages need is not there.
    func process(
        _ rollouts: [RolloutRecord],
        greedy: [RolloutRecord] = [],
        values: [Int: [Float]] = [:],
        iteration: Int,
        seed: UInt64,
        lag: Int,
        history: [[String: Double]]
    ) throws(HoneError) -> Result {
        let members = rollouts.inGroups
        let baselines = Dictionary(greedy.map { ($0.promptIndex, $0) }) { first, _ in first }
        var input = StageInput(
            members.map { group in
                let place = group[0].promptIndex
                var stage = StageGroup(
                    id: place,
                    group.map { record in
                        // A success of an earlier iteration is that much older.
                        var found = completion(record, lag + max(0, iteration - record.iteration))
                        found.values = values[record.id]?.map { Double($0) }
                        return found
                    }
                )
                stage.greedy = baselines[place].map { completion($0, lag) }
                return stage
            }
        )
        (input.iteration, input.seed, input.history) = (iteration, seed, history)
        let output = try pipeline.process(input)
        var result = Result(values: values, metrics: output.metrics)
        for (group, staged) in zip(members, output.groups) {
            for (record, completion) in zip(group, staged) {
                result.completions[record.id] = completion
            }
        }
        return result
    }

    private func completion(_ record: RolloutRecord, _ lag: Int) -> StageCompletion {
        let rollout = record.rollout
        let count = rollout.completionTokens.count
        var completion = StageCompletion(reward: record.reward, length: count)
        completion.isTruncated = rollout.stopReason == .length
        completion.oldLogprobs = rollout.logprobs.map { Double($0) }
        // Without one the list is empty, not short.
        if rollout.referenceLogprobs.count == count {
            completion.referenceLogprobs = rollout.referenceLogprobs.map { Double($0) }
        }
        completion.lag = lag
        let trained = record.scores.first { $0.reward == ScoreRecord.trained }
        if type(of: pipeline.credit).needsTokenRewards {
            let tokens = trained?.tokenRewards ?? []
            // Without them there is nothing to lay on tokens: unscored, which is not 0.
            if tokens.count == count { completion.tokenRewards = tokens.map { Double($0) } }
            if tokens.count != count { completion.reward = nil }
        }
        if let name = pipeline.costName {
            completion.cost =
                name == Self.tokens ? Double(count) : trained?.components[name] ?? nil
        }
        return completion
    }

    /// The objective with what controllers have set after `history`.
    func objective(_ written: NamedParameters, after history: [[String: Double]]) -> NamedParameters
    {
        var fields = written.parameters.objectValue ?? [:]
        for (target, value) in pipeline.settings(after: history) {
            let isElsewhere = target == .klCoefficient && pipeline.rewardKL != nil
            if target == .multiplier || isElsewhere { continue }
            fields[target.rawValue] = .number(value)
        }
        return NamedParameters(name: written.name, parameters: .object(fields))
    }
}
