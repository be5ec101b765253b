import Domain
import Objectives

// What is learned from beside an iteration's own, and in which order.
extension SpecValidator {
    mutating func checkMix(_ needs: DataRequirements, _ estimator: (any AdvantageEstimator)?) {
        guard let mix = spec.mix, !refuses("$.mix", unless: [.online]) else { return }
        let shares = MinibatchShares(spec)
        if shares.offline + shares.replay >= spec.minibatchSize {
            fault(
                "$.mix",
                "leaves nothing of a minibatch of \(spec.minibatchSize) to the iteration's own: lower "
                    + "the shares, or raise minibatch_size"
            )
        }
        if let offline = mix.offline { checkOffline(offline, needs, estimator) }
        checkFixedReference(mix, needs)
        if mix.successes != nil { checkSuccesses(mix, needs) }
    }

    /// What was not sampled in the iteration has the log-probabilities of the reference of its time.
    private mutating func checkFixedReference(_ mix: MixSpec, _ needs: DataRequirements) {
        switch spec.reference {
        case .initial, .soup, .absent: return
        case .previousIteration, .average: break
        }
        var parts: [String] = []
        if mix.offline != nil { parts.append("offline") }
        if mix.replay != nil && needs.needsReference { parts.append("replay") }
        if mix.successes != nil && needs.needsReference { parts.append("successes") }
        for part in parts {
            fault(
                "$.mix.\(part)",
                "needs a reference that does not move, as initial: what was not sampled in the "
                    + "iteration has log-probabilities under the reference of its own time"
            )
        }
    }

    private mutating func checkOffline(
        _ offline: MixSpec.Offline,
        _ needs: DataRequirements,
        _ estimator: (any AdvantageEstimator)?
    ) {
        let name = spec.objective.name
        if let refusal = FieldSupply(kind: .offline).refusal(of: needs) {
            return fault("$.mix.offline", "\(name) \(refusal), or leave mix.offline out")
        }
        if let estimator, type(of: estimator).isPerToken || type(of: estimator).needsGreedy {
            let kind = type(of: estimator).name
            return fault(
                "$.mix.offline",
                "\(kind) needs what only sampled completions have: choose an advantage that compares "
                    + "the completions of a prompt, as group_relative"
            )
        }
        if spec.reference == .absent,
            !needs.fields.isDisjoint(with: [.oldLogprobs, .behaviorLogprobs])
        {
            return fault(
                "$.mix.offline",
                "\(name) takes the data as written by the reference, and there is none: write reference "
                    + "initial"
            )
        }
        do throws(HoneError) {
            let records = try DataReader.records(of: offline.data, path: "$.mix.offline.data")
            let elements = try ElementReader(spec).elements(records)
            workload?.add(elements: elements)
        } catch {
            fault("$.mix.offline.data", error.message)
        }
    }

    private mutating func checkSuccesses(_ mix: MixSpec, _ needs: DataRequirements) {
        let path = "$.mix.successes"
        if needs.kind == .pairs {
            fault(
                path,
                "is not used by \(spec.objective.name), which learns from pairs: use mix.replay"
            )
        }
        if mix.replay != nil {
            fault(path, "cannot be given together with replay, which learns from them already")
        }
        if spec.resets != nil {
            fault(
                path,
                "cannot be given together with resets, whose groups have prompts of their own"
            )
        }
    }

    /// Whether the order goes by something that is there.
    mutating func checkCurriculum(_ needs: DataRequirements) {
        guard let curriculum = spec.curriculum else { return }
        let path = "$.curriculum"
        if refuses(path, unless: [.online, .offline, .sft]) { return }
        if curriculum.by != Curriculum.length, !curriculum.order.isByNumber {
            fault("\(path).by", "is read by the orders easy_first and hard_first; leave it out")
        }
        guard curriculum.pairs != .shuffled else { return }
        guard needs.kind == .pairs else {
            return fault(
                "\(path).pairs",
                "is not used by \(spec.objective.name), which learns from no pairs; leave it out"
            )
        }
        if spec.kind == .offline, curriculum.order != .shuffled {
            fault(
                "\(path).pairs",
                "cannot be given together with order: a file's pairs have one order"
            )
        }
    }

    /// Whether there are pairs to mistake.
    mutating func checkNoise(_ needs: DataRequirements) {
        guard spec.noise != nil, !refuses("$.noise", unless: [.online, .offline]) else { return }
        if needs.kind != .pairs {
            fault(
                "$.noise",
                "is not used by \(spec.objective.name), which learns from no pairs; leave it out"
            )
        }
    }

    /// What a file's pairs need for their order and for mistakes.
    mutating func checkMargins(_ elements: [DataElement]) {
        let reader: String? =
            if PairNoise(spec).needsMargins {
                "noise"
            } else if spec.kind == .offline, spec.curriculum?.pairs.isByNumber == true {
                "curriculum.pairs"
            } else {
                nil
            }
        guard let reader, let bare = elements.first(where: { $0.margin == nil }) else { return }
        fault(
            "$.data",
            "\(bare.place): has no \"margin\", which \(reader) needs: add it, or \"chosen_reward\" and "
                + "\"rejected_reward\""
        )
    }

    /// Whether the prompts can be begun.
    mutating func checkResets() {
        guard spec.resets != nil, !refuses("$.resets", unless: [.online]) else { return }
        if spec.maxStaleness > 0 {
            fault(
                "$.resets",
                "needs max_staleness 0: the worker that learns tokenises what prompts are begun with"
            )
        }
    }
}
