import Domain
import Objectives

extension SpecValidator {
    /// Whether the objective exists, and the run gives it what it needs.
    mutating func checkObjective() {
        do throws(Faults) {
            let needs = try ObjectiveCatalogue.make(
                name: spec.objective.name,
                parameters: spec.objective.parameters,
                path: "$.objective"
            ).requirements
            checkRequirements(needs)
            checkPairing(needs)
            if AdvantageRule.kinds.contains(spec.kind) {
                checkAdvantage(needs)
            } else {
                checkParts(needs, nil, nil)
            }
            checkReference(needs)
            checkOpponent(needs)
            checkValues(needs)
            checkStopRules(needs)
            checkFeedback()
            checkCorrection()
        } catch {
            faults += error.list
        }
    }

    private mutating func checkRequirements(_ needs: DataRequirements) {
        let name = spec.objective.name
        if let refusal = FieldSupply(kind: spec.kind).refusal(of: needs) {
            return fault("$.objective.name", "\(name) \(refusal)")
        }
        switch spec.kind {
        case .online: checkOnline(needs)
        case .sft where needs.kind != .sequences:
            let message = "\(name) needs \(needs.kind.rawValue); sft runs use \"sft\""
            fault("$.objective.name", message)
        case .rewardModel where !needs.trainsScores:
            fault(
                "$.objective.name",
                "\(name) does not train a score: reward_model runs use \"bradley_terry\""
            )
        default: break
        }
    }

    private mutating func checkOnline(_ needs: DataRequirements) {
        let name = spec.objective.name
        if !FieldSupply.hasSignal(needs) && !imitatesTheBest {
            fault(
                "$.objective.name",
                "\(name) does not learn from pairs, rewards or advantages, which is what online runs "
                    + "make of completions: choose another, or leave it only the best of each group "
                    + "(\"stages\": {\"filters\": [{\"name\": \"rank\", \"keep\": \"best\"}]})"
            )
        }
        // The third completion is the opponent's where there is one.
        let exploring = needs.fields.contains(.exploration) && spec.opponent == nil ? 3 : 1
        let least = max(needs.minimumGroupSize, exploring)
        if spec.groupSize < least {
            fault("$.sampling.group_size", "must be at least \(least) for \(name)")
        }
    }

    /// Whether filters leave only what is worth imitating, whatever the objective (RAFT).
    private var imitatesTheBest: Bool {
        (spec.stages?.filters ?? []).contains { entry in
            StageCatalogue.filters.contains { type in
                type.choosesTheBest && ([type.name] + type.aliases).contains(entry.name)
            }
        }
    }

    private mutating func checkAdvantage(_ needs: DataRequirements) {
        do throws(Faults) {
            let estimator = try AdvantageRule.estimator(spec, needs)
            var stages: RunStages?
            defer { checkParts(needs, stages, estimator) }
            if spec.kind == .online && needs.kind != .pairs {
                stages = try RunStages(spec, needs, estimator: estimator)
            } else if spec.stages != nil {
                let message =
                    "is not used by \(spec.objective.name), which learns from pairs; leave it out"
                fault("$.stages", message)
            }
        } catch {
            faults += error.list
        }
    }
}
