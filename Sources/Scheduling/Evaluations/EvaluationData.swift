import Domain
import WorkerProtocol

/// What an evaluation is about, read and checked.
struct EvaluationData: Sendable {
    var prompts: [Prompt] = []
    var pairs: [LabelledPair] = []
    /// Completions by prompt, in the order the prompts first occur.
    var texts: [ScoredTexts] = []

    /// - Throws: `.notFound`, `.emptyData`, `.invalidData` naming file and line.
    init(_ order: EvaluationOrder) throws(HoneError) {
        if let source = order.prompts {
            prompts = try DataReader.prompts(of: source, path: "$.prompts")
        }
        if let source = order.pairs {
            let records = try DataReader.records(of: source, path: "$.pairs")
            pairs = try Self.pairs(records, seed: order.seed)
        }
        if let source = order.items {
            texts = try Self.texts(try DataReader.records(of: source, path: "$.items"))
        }
    }

    /// Pairs as they are written, or made of ratings that differ as a reward model's would be.
    private static func pairs(
        _ records: [DataRecord],
        seed: UInt64
    ) throws(HoneError) -> [LabelledPair] {
        guard records.contains(where: { $0.value["rating"] != nil }) else {
            return try ElementReader.plainPairs.elements(records).map { element in
                LabelledPair(
                    prompt: element.prompt.rewardText,
                    chosen: element.completions[0].text,
                    rejected: element.completions[1].text,
                    margin: element.margin
                )
            }
        }
        let texts = try records.map { record throws(HoneError) in try RatedText(record).item }
        let ratings = try records.map { record throws(HoneError) in try record.number("rating") }
        let margin = RewardModelSpec().minimumMargin
        let places = BatchPlan(seed: seed).ratedPairs(
            ratings: ratings,
            groups: texts.map(\.prompt),
            among: Array(texts.indices),
            margin: margin,
            limit: RewardData.pairsPerRating
        )
        guard !places.isEmpty else {
            throw HoneError(
                .emptyData,
                "no pair can be made of the ratings: two of one prompt must differ by \(margin)",
                param: "$.pairs"
            )
        }
        return places.map { place in
            LabelledPair(
                prompt: texts[place.chosen].prompt,
                chosen: texts[place.chosen].completion,
                rejected: texts[place.rejected].completion,
                margin: ratings[place.chosen] - ratings[place.rejected]
            )
        }
    }

    /// `{"prompt"?, "completion"}` or `{"prompt"?, "completions": […]}`.
    private static func texts(_ records: [DataRecord]) throws(HoneError) -> [ScoredTexts] {
        var texts: [ScoredTexts] = []
        var places: [String: Int] = [:]
        for record in records {
            var prompt = ""
            if let given = record.value["prompt"], given != .null {
                prompt = try record.prompt(given, "prompt").rewardText
            }
            let found = try completions(record)
            if let place = places[prompt] {
                texts[place].completions += found
            } else {
                places[prompt] = texts.count
                texts.append(ScoredTexts(prompt: prompt, completions: found))
            }
        }
        return texts
    }

    private static func completions(_ record: DataRecord) throws(HoneError) -> [String] {
        guard let list = record.value["completions"]?.arrayValue else {
            return [try record.completion(try record.required("completion"), "completion")]
        }
        return try list.map { value throws(HoneError) in
            try record.completion(value, "completions")
        }
    }
}

extension DataReader {
    /// The held-out pairs of a spec's evaluation.
    static func evaluationPairs(_ spec: RunSpec) throws(HoneError) -> [DataElement] {
        guard let source = spec.evaluation?.pairs else { return [] }
        guard spec.kind != .rewardModel else {
            throw HoneError(
                .invalidSpec,
                "are for policies; a reward model is measured on its own held-out share (holdout)"
            )
        }
        return try ElementReader.plainPairs.elements(
            try records(of: source, path: "$.evaluation.pairs")
        )
    }
}

extension EvaluationOrder {
    /// The same order with its files' records in it, so that it can be done again when they are gone.
    func holdingItsData() throws(HoneError) -> EvaluationOrder {
        func held(_ source: DataSource?, _ path: String) throws(HoneError) -> DataSource? {
            guard let source else { return nil }
            return .items(try DataReader.records(of: source, path: path).map(\.value))
        }
        var order = self
        order.prompts = try held(prompts, "$.prompts")
        order.pairs = try held(pairs, "$.pairs")
        order.items = try held(items, "$.items")
        return order
    }

    /// What is asked for that cannot be.
    var contradictions: [Fault] {
        var faults: [Fault] = []
        func fault(_ field: String, _ message: String) {
            faults.append(Fault(path: "$.\(field)", message: message))
        }
        if models.isEmpty != (prompts == nil) {
            models.isEmpty
                ? fault("models", "must name the models that complete the prompts")
                : fault("prompts", "is required: what the models are to complete")
        }
        if models.count > Self.mostModels { fault("models", "must name one model or two") }
        if Set(models).count < models.count { fault("models", "names one model twice") }
        if prompts == nil, pairs == nil, items == nil {
            fault("prompts", "or pairs or items must be given: there is nothing to evaluate on")
        }
        if pairs != nil, rewards.isEmpty {
            fault("rewards", "must name the rewards to judge pairs")
        }
        if items != nil, rewards.count < 2 {
            fault("rewards", "must name two rewards to compare on the items")
        }
        if models.count > 1, rewards.isEmpty {
            fault("rewards", "must name a reward that says which model's completion is better")
        }
        return faults
    }
}
