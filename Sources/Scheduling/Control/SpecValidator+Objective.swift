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
            if AdvantageRule.kinds.contains(spec.kind) { checkAdvantage(needs) }
            checkReference()
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
        if !FieldSupply.hasSignal(needs) {
            fault(
                "$.objective.name",
                "\(name) does not learn from pairs, rewards or advantages, which is what online runs "
                    + "make of completions"
            )
        }
        let exploring = needs.fields.contains(.exploration) ? 3 : 1
        let least = max(needs.minimumGroupSize, exploring)
        if spec.groupSize < least {
            fault("$.sampling.group_size", "must be at least \(least) for \(name)")
        }
    }

    private mutating func checkAdvantage(_ needs: DataRequirements) {
        do throws(Faults) {
            let estimator = try AdvantageRule.estimator(spec, needs)
            var stages: RunStages?
            defer { checkRefill(needs, stages) }
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

    private mutating func checkReference() {
        guard spec.reference == .previousIteration else { return }
        if spec.kind == .offline {
            fault("$.reference", "must be initial: an offline run samples nothing to refer to")
        }
        if spec.kind == .online && spec.maxStaleness > 0 {
            fault(
                "$.reference",
                "must be initial when max_staleness is above 0: the policy that sampled is then not "
                    + "the one of the previous iteration"
            )
        }
    }
}
