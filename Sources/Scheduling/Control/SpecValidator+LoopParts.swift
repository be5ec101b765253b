import Domain
import Objectives
import Rewards

// The parts of a loop: whether each is known, and whether the run has what it works on.
extension SpecValidator {
    /// Whether the rule of `pairing` exists, and anything reads it.
    mutating func checkPairing(_ needs: DataRequirements) {
        guard spec.kind == .online, needs.kind == .pairs else {
            if spec.pairing == PairingSpec() { return }
            let reason =
                spec.kind == .online
                ? "\(spec.objective.name), which learns from whole groups"
                : "kind \(spec.kind.rawValue), whose pairs are made already"
            return fault("$.pairing", "is not used by \(reason); leave it out")
        }
        do throws(Faults) {
            let pairing = try Pairing(spec.pairing)
            if pairing.needsOpponent && spec.opponent == nil {
                let message =
                    "\(spec.pairing.rule.name) needs an opponent's completions: give opponent, or use "
                    + "best_worst"
                fault("$.pairing.rule", message)
            }
        } catch {
            faults += error.list
        }
    }

    /// Everything beside the pairing rule.
    mutating func checkParts(
        _ needs: DataRequirements,
        _ stages: RunStages?,
        _ estimator: (any AdvantageEstimator)?
    ) {
        checkRefill(needs, stages)
        checkMix(needs, estimator)
        checkCurriculum(needs)
        checkNoise(needs)
        checkResets()
    }

    /// Whether the kind of run has what a part works on; a fault at its path when not.
    mutating func refuses(_ path: String, unless kinds: Set<RunKind>) -> Bool {
        if kinds.contains(spec.kind) { return false }
        fault(path, "is not used by kind \(spec.kind.rawValue); leave it out")
        return true
    }

    /// Whether anything empties groups, which a refill replaces.
    private mutating func checkRefill(_ needs: DataRequirements, _ stages: RunStages?) {
        guard let refill = spec.refill else { return }
        let path = "$.sampling.refill"
        if refuses(path, unless: [.online]) { return }
        if spec.maxStaleness > 0 {
            fault(
                path,
                "needs max_staleness 0: how much an iteration draws is known only when it is scored"
            )
        }
        if needs.kind != .pairs, !needs.fields.contains(.label),
            stages?.pipeline.filters.isEmpty ?? true
        {
            fault(
                path,
                "replaces groups that filters have emptied, and there are none: add one to "
                    + "stages.filters, as {\"name\": \"zero_variance\"}"
            )
        }
        // Places of prompts stay within what keeps random choices apart.
        if refill.prompts(missing: spec.promptsPerIteration) * (refill.rounds + 1) > 1 << 24 {
            fault(path, "may draw more than 16777216 prompts an iteration: allow fewer rounds")
        }
    }
}
