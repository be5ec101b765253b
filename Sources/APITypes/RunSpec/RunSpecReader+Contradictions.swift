import Domain

extension RunSpecReader {
    /// Faults that concern more than one field of a checked spec.
    static func contradictions(in checked: Value) -> [Fault] {
        let kind = checked["kind"]?.stringValue.flatMap(RunKind.init(rawValue:))
        var faults = kind.map { inputs($0, checked) } ?? []
        for path in ["prompts", "data"] {
            faults += sourceFaults(checked[path], "$.\(path)")
        }
        for name in ["prompts", "pairs"] {
            faults += sourceFaults(checked["evaluation"]?[name], "$.evaluation.\(name)")
        }
        faults += evaluationFaults(checked["evaluation"])
        faults += ReferenceSchema.contradictions(checked["reference"])
        faults += sourceFaults(checked["mix"]?["offline"]?["data"], "$.mix.offline.data")
        if checked["adapter"] != nil, checked["train_layers"] != nil {
            let message = "cannot be given together with train_layers; leave one of them out"
            faults.append(Fault(path: "$.adapter", message: message))
        }
        if let text = checked["reward_model"]?["template"]?.stringValue,
            !text.contains("{completion}")
        {
            let message = "must contain {completion}, or every completion gets the same score"
            faults.append(Fault(path: "$.reward_model.template", message: message))
        }
        if let head = checked["reward_model"]?["head"] {
            do throws(Faults) { _ = try RewardHead(head, path: "$.reward_model.head") } catch {
                faults += error.list
            }
        }
        return faults
    }

    /// Which inputs a kind needs, and which it has no use for.
    private static func inputs(_ kind: RunKind, _ checked: Value) -> [Fault] {
        var needed: Set<String> =
            switch kind {
            case .online: ["prompts", "reward"]
            case .offline, .rewardModel, .sft: ["data"]
            case .external: []
            }
        var allowed = needed
        let mode = checked["feedback"]?["mode"]?.stringValue ?? "reward"
        if kind == .online && mode == "human" { needed.remove("reward") }
        if kind == .rewardModel { allowed.insert("reward_model") }
        var faults: [Fault] = []
        for name in ["prompts", "data", "reward", "reward_model"] {
            if needed.contains(name), checked[name] == nil {
                let message = "is required by kind \(kind.rawValue)"
                faults.append(Fault(path: "$.\(name)", message: message))
            }
            if !allowed.contains(name), checked[name] != nil {
                let message = "is not used by kind \(kind.rawValue); leave it out"
                faults.append(Fault(path: "$.\(name)", message: message))
            }
        }
        if kind == .rewardModel, checked["teachers"]?.arrayValue?.isEmpty == false {
            let message = "is not used by kind \(kind.rawValue); leave it out"
            faults.append(Fault(path: "$.teachers", message: message))
        }
        if kind != .online && kind != .offline, checked["advantage"] != nil {
            let message = "is not used by kind \(kind.rawValue); leave it out"
            faults.append(Fault(path: "$.advantage", message: message))
        }
        if kind != .online {
            if mode != "reward" {
                let message = "is \(mode), which only an online run can wait for; leave it out"
                faults.append(Fault(path: "$.feedback.mode", message: message))
            }
            if checked["stages"] != nil {
                let message = "is not used by kind \(kind.rawValue); leave it out"
                faults.append(Fault(path: "$.stages", message: message))
            }
            if checked["opponent"] != nil {
                let message = "is not used by kind \(kind.rawValue); leave it out"
                faults.append(Fault(path: "$.opponent", message: message))
            }
            if let lag = checked["max_staleness"]?.integerValue, lag > 0 {
                let message =
                    "must be 0: a run of kind \(kind.rawValue) samples nothing to learn from"
                faults.append(Fault(path: "$.max_staleness", message: message))
            }
        }
        if kind == .online, checked["opponent"] == nil,
            checked["sampling"]?["group_size"]?.integerValue == 1
        {
            let message = "must be at least 2: completions of one prompt are compared"
            faults.append(Fault(path: "$.sampling.group_size", message: message))
        }
        return faults
    }

    /// What several temperatures cannot be given with; `written` is `sampling` without its defaults.
    static func temperatureFaults(written: Value?, _ checked: Value) -> [Fault] {
        let path = "$.sampling.temperatures"
        let sampling = checked["sampling"]
        guard let count = sampling?["temperatures"]?.arrayValue?.count, count > 0 else { return [] }
        var faults: [Fault] = []
        if let kind = checked["kind"]?.stringValue, kind != RunKind.online.rawValue {
            let message = "is not used by kind \(kind); leave it out"
            faults.append(Fault(path: path, message: message))
        }
        if let temperature = written?["temperature"], temperature != .null {
            let message = "cannot be given together with temperature; leave one of them out"
            faults.append(Fault(path: path, message: message))
        }
        if let size = sampling?["group_size"]?.integerValue, !size.isMultiple(of: count) {
            let message =
                "has \(count) temperatures, to which a group_size of \(size) cannot be dealt evenly: "
                + "make group_size a multiple of \(count)"
            faults.append(Fault(path: path, message: message))
        }
        return faults
    }

    /// What an evaluation lacks: something held out, and completions where they are to be scored.
    private static func evaluationFaults(_ evaluation: Value?) -> [Fault] {
        guard let evaluation, evaluation.objectValue != nil, evaluation["prompts"] == nil else {
            return []
        }
        if evaluation["pairs"] == nil {
            let message = "is required, unless pairs are given: there is nothing to measure on"
            return [Fault(path: "$.evaluation.prompts", message: message)]
        }
        guard evaluation["rewards"]?.arrayValue?.isEmpty == false else { return [] }
        let message = "score completions of held-out prompts: give prompts, or leave them out"
        return [Fault(path: "$.evaluation.rewards", message: message)]
    }

    static func sourceFaults(_ source: Value?, _ path: String) -> [Fault] {
        guard let fields = source?.objectValue else { return [] }
        switch (fields["file"], fields["items"]) {
        case (nil, nil):
            return [Fault(path: path, message: "must have file or items")]
        case (.some, .some):
            return [Fault(path: path, message: "must have file or items, not both")]
        case (nil, .array([])):
            return [Fault(path: "\(path).items", message: "must not be empty")]
        default:
            return []
        }
    }
}
