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
            if pairing.needsOpponent {
                let message =
                    "\(spec.pairing.rule.name) needs an opponent's completions, which no field of this "
                    + "spec asks for: use best_worst"
                fault("$.pairing.rule", message)
            }
        } catch {
            faults += error.list
        }
    }

    /// Whether anything empties groups, which a refill replaces.
    mutating func checkRefill(_ needs: DataRequirements, _ stages: RunStages?) {
        guard let refill = spec.refill else { return }
        let path = "$.sampling.refill"
        guard spec.kind == .online else {
            return fault(path, "is not used by kind \(spec.kind.rawValue); leave it out")
        }
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
