import Domain
import Objectives

extension SpecValidator {
    /// What runs give to every objective.
    private static let suppliedFields: Set<BatchField> = [
        .referenceLogprobs, .oldLogprobs, .behaviorLogprobs, .margin,
    ]
    /// What online runs give beside to objectives that learn from whole groups.
    private static let groupFields: Set<BatchField> = [.reward, .advantages, .entropies]
    private static let valueFields: Set<BatchField> = [.values, .oldValues, .returns]

    /// Whether the objective exists, and the run gives it what it needs.
    mutating func checkObjective() {
        do throws(Faults) {
            let needs = try ObjectiveCatalogue.make(
                name: spec.objective.name,
                parameters: spec.objective.parameters,
                path: "$.objective"
            ).requirements
            checkRequirements(needs)
            if spec.kind == .online { checkAdvantage(needs) }
            checkReference()
        } catch {
            faults += error.list
        }
    }

    private mutating func checkRequirements(_ needs: DataRequirements) {
        let (name, kind) = (spec.objective.name, spec.kind.rawValue)
        switch spec.kind {
        case .online: checkOnline(needs)
        case .offline:
            if needs.kind != .pairs || needs.trainsScores {
                let message =
                    "does not learn from a policy's pairs, which is what offline runs make"
                fault("$.objective.name", "\(name) \(message)")
            } else {
                checkFields(needs, Self.suppliedFields)
            }
        case .sft:
            if needs.kind != .sequences {
                let message = "\(name) needs \(needs.kind.rawValue); sft runs use \"sft\""
                fault("$.objective.name", message)
            } else {
                checkFields(needs, Self.suppliedFields)
            }
        case .rewardModel:
            if !needs.trainsScores {
                fault(
                    "$.objective.name",
                    "\(name) does not train a score: \(kind) runs use \"bradley_terry\""
                )
            }
        case .external: return
        }
    }

    private mutating func checkOnline(_ needs: DataRequirements) {
        let name = spec.objective.name
        let learns = needs.kind == .pairs || !needs.fields.isDisjoint(with: [.reward, .advantages])
        if needs.trainsScores || !learns && needs.fields.isDisjoint(with: Self.valueFields) {
            fault(
                "$.objective.name",
                "\(name) does not learn from pairs, rewards or advantages, which is what online runs "
                    + "make of completions"
            )
        } else if !needs.fields.isDisjoint(with: Self.valueFields) {
            fault(
                "$.objective.name",
                "\(name) needs a value head, which runs do not train: use an objective without one, "
                    + "as grpo (or ppo with value_coefficient 0)"
            )
        } else {
            let isPairwise = needs.kind == .pairs
            checkFields(
                needs,
                isPairwise ? Self.suppliedFields : Self.suppliedFields.union(Self.groupFields)
            )
        }
        if spec.groupSize < needs.minimumGroupSize {
            fault(
                "$.sampling.group_size",
                "must be at least \(needs.minimumGroupSize) for \(name)"
            )
        }
    }

    private mutating func checkFields(_ needs: DataRequirements, _ supplied: Set<BatchField>) {
        let missing = needs.fields.subtracting(supplied).map(\.rawValue).sorted()
        guard !missing.isEmpty else { return }
        fault(
            "$.objective.name",
            "\(spec.objective.name) needs \(missing.joined(separator: ", ")), which "
                + "\(spec.kind.rawValue) runs do not give"
        )
    }

    private mutating func checkAdvantage(_ needs: DataRequirements) {
        do throws(Faults) {
            _ = try AdvantageRule.estimator(spec, needs)
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
