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

    /// The fields that some kinds have no use for, and the kinds that use them.
    private static let users: [(field: String, kinds: Set<RunKind>)] = [
        ("prompts", [.online]),
        ("data", [.offline, .rewardModel, .sft]),
        ("reward", [.online]),
        ("reward_model", [.rewardModel]),
        ("teachers", Set(RunKind.allCases).subtracting([.rewardModel])),
        ("advantage", [.online, .offline]),
        ("stages", [.online]),
        ("opponent", [.online]),
    ]

    /// Which inputs a kind needs, and which it has no use for.
    private static func inputs(_ kind: RunKind, _ checked: Value) -> [Fault] {
        let mode = checked["feedback"]?["mode"]?.stringValue ?? "reward"
        var needed: Set<String> =
            switch kind {
            case .online: ["prompts", "reward"]
            case .offline, .rewardModel, .sft: ["data"]
            case .external: []
            }
        if mode == "human" { needed.remove("reward") }
        var faults: [Fault] = []
        for (field, kinds) in users {
            // A list that is empty by default is as good as absent.
            let isGiven = checked[field].map { $0.arrayValue?.isEmpty != true } ?? false
            if isGiven, !kinds.contains(kind) {
                let message = "is not used by kind \(kind.rawValue); leave it out"
                faults.append(Fault(path: "$.\(field)", message: message))
            } else if !isGiven, needed.contains(field) {
                let message = "is required by kind \(kind.rawValue)"
                faults.append(Fault(path: "$.\(field)", message: message))
            }
        }
        return faults + (kind == .online ? comparisons(checked) : loops(kind, mode, checked))
    }

    /// What cannot be said of a run that does not sample what it learns from.
    private static func loops(_ kind: RunKind, _ mode: String, _ checked: Value) -> [Fault] {
        var faults: [Fault] = []
        if mode != "reward" {
            let message = "is \(mode), which only an online run can wait for; leave it out"
            faults.append(Fault(path: "$.feedback.mode", message: message))
        }
        if let lag = checked["max_staleness"]?.integerValue, lag > 0 {
            let message = "must be 0: a run of kind \(kind.rawValue) samples nothing to learn from"
            faults.append(Fault(path: "$.max_staleness", message: message))
        }
        return faults
    }

    /// What an online run has too little of to compare.
    private static func comparisons(_ checked: Value) -> [Fault] {
        guard checked["opponent"] == nil,
            checked["sampling"]?["group_size"]?.integerValue == 1
        else { return [] }
        let message = "must be at least 2: completions of one prompt are compared"
        return [Fault(path: "$.sampling.group_size", message: message)]
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
