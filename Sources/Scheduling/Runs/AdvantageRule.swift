import Domain
import Objectives

/// Which estimator turns a run's rewards into advantages.
enum AdvantageRule {
    /// The kinds of runs that make advantages of rewards.
    static let kinds: Set<RunKind> = [.online, .offline, .sft]

    /// The spec's own, else that of the objective's paper; `nil` when the objective needs none.
    ///
    /// - Throws: faults of `$.advantage`: an unknown estimator, one that needs what runs do not give,
    ///   or one that nothing would read.
    static func estimator(
        _ spec: RunSpec,
        _ needs: DataRequirements
    ) throws(Faults) -> (any AdvantageEstimator)? {
        let objective = spec.objective.name
        guard needs.fields.contains(.advantages) else {
            if spec.advantage == nil { return nil }
            throw fault("$.advantage", "is not used by \(objective); leave it out")
        }
        let entry = spec.advantage ?? usual(spec, needs)
        let estimator = try AdvantageCatalogue.make(
            name: entry.name,
            parameters: entry.parameters,
            path: "$.advantage"
        )
        if let problem = problem(Swift.type(of: estimator), needs, spec) {
            throw fault("$.advantage.name", "\(entry.name) \(problem)")
        }
        return estimator
    }

    /// What the objective's method does, as far as the kind of run can.
    private static func usual(_ spec: RunSpec, _ needs: DataRequirements) -> NamedParameters {
        // A value head is there for its advantages.
        if needs.trainsValues && spec.kind == .online { return NamedParameters(name: "gae") }
        let preset = ObjectiveCatalogue.type(named: spec.objective.name)?.preset ?? StagePreset()
        let type = AdvantageCatalogue.type(named: preset.advantage.name)
        if spec.kind != .online, type.map(isOnlineOnly) ?? false {
            return NamedParameters(name: "group_mean")
        }
        return preset.advantage
    }

    /// Whether it needs a greedy completion, or rewards of tokens, of which files have none.
    private static func isOnlineOnly(_ type: any AdvantageEstimator.Type) -> Bool {
        type.isPerToken || type.needsGreedy
    }

    /// Why the run cannot have the estimator.
    private static func problem(
        _ type: any AdvantageEstimator.Type,
        _ needs: DataRequirements,
        _ spec: RunSpec
    ) -> String? {
        let isOnline = spec.kind == .online
        if type.needsValues && !(needs.trainsValues && isOnline) {
            let owner =
                needs.trainsValues ? "\(spec.kind.rawValue) runs do" : "\(spec.objective.name) does"
            return
                "needs a value head's estimates, which \(owner) not give: compare the completions "
                + "of a group, as group_relative does"
        }
        if !isOnline && isOnlineOnly(type) {
            return "needs what only an online run has: compare the completions of a prompt, as "
                + "group_relative does"
        }
        return nil
    }

    private static func fault(_ path: String, _ message: String) -> Faults {
        Faults([Fault(path: path, message: message)])
    }
}
