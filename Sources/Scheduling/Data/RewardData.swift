import Domain
import Objectives
import WorkerProtocol

/// The data of a reward model: texts, and what is known of them, divided into what is learned from and
/// what is held out.
struct RewardData: Sendable {
    /// Pairs that one rating may take part in: enough for a stable fit, linear in the data.
    static let pairsPerRating = 8
    /// The same for held-out ratings: practically all, while the number stays linear.
    static let pairsPerHeldOutRating = 256

    /// What a file says of its texts.
    enum Kind: String, Sendable {
        case pairs, ratings, labels, lists, attributes
    }

    /// What the records say.
    let kind: Kind
    var items: [WorkerRequest.ScoreItem] = []
    /// One per item of ratings.
    var ratings: [Double] = []
    /// One per item of labels.
    var labels: [Bool] = []
    /// The attributes that texts are rated by, in alphabetical order.
    var attributes: [String] = []
    /// One list per item, in the order of `attributes`.
    var attributeRatings: [[Double?]] = []
    /// What the file says of its pairs by their chosen item.
    var pairElements: [Int: DataElement] = [:]
    /// Items learned from.
    var training: [Int] = []
    /// Items learned from, the best of each list first.
    var trainingLists: [[Int]] = []
    var trainingPairs: [(chosen: Int, rejected: Int)] = []
    var heldOutPairs: [(chosen: Int, rejected: Int)] = []
    /// Held-out items whose attributes are known.
    var heldOutRated: [Int] = []
    /// Whether the model reads two texts at once, so that a training text is a pair of items.
    let readsPairs: Bool
    let plan: BatchPlan

    /// - Throws: `.invalidData` naming file and line, `.emptyData` when nothing can be learned from it.
    init(
        records: [DataRecord],
        spec: RewardModelSpec,
        plan: BatchPlan,
        reader: ElementReader? = nil
    ) throws(HoneError) {
        kind = Self.kind(of: records)
        readsPairs = spec.kind == .pair
        self.plan = plan
        let plain = ElementReader(objective: "", needs: DataRequirements(.pairs))
        let reader = reader.flatMap { $0.needs.kind == .pairs ? $0 : nil } ?? plain
        switch kind {
        case .pairs: addPairs(try reader.elements(records), spec)
        case .ratings: try addRatings(records, spec)
        case .labels: try addLabels(records, spec)
        case .lists: try addLists(records, spec)
        case .attributes: try addAttributes(records, plain, spec)
        }
        try checkSubstance(spec)
    }

    /// What the first telling field of a record says.
    private static func kind(of records: [DataRecord]) -> Kind {
        func has(_ name: String) -> Bool {
            records.contains { $0.value[name].map { $0 != .null } ?? false }
        }
        if has("attributes") { return .attributes }
        if has("rating") { return .ratings }
        if has("chosen") || has("preferred_output") { return .pairs }
        if has("label") { return .labels }
        if ElementReader.groupNames.contains(where: has) { return .lists }
        return .pairs
    }

    private func checkSubstance(_ spec: RewardModelSpec) throws(HoneError) {
        switch kind {
        // The number itself is learned; steps that need pairs are refused by `mismatch`.
        case .ratings where spec.headFit != .bradleyTerry:
            guard Set(training.map { ratings[$0] }).count < 2 else { return }
            throw HoneError(
                .emptyData,
                "all texts learned from have the same rating: give better and worse ones"
            )
        case .pairs, .ratings, .lists:
            guard trainingPairs.isEmpty else { return }
            throw HoneError(
                .emptyData,
                "no preference pair can be made of the data: ratings of texts of one prompt must "
                    + "differ by minimum_margin (\(spec.minimumMargin)) or more; for ratings of texts of "
                    + "different prompts use the objective rating_regression"
            )
        case .labels:
            guard Set(training.map { labels[$0] }).count < 2 else { return }
            throw HoneError(
                .emptyData,
                "all texts learned from have the same label: give good and bad ones"
            )
        case .attributes: break
        }
    }
}

// What is learned from.
extension RewardData {
    /// The difference of the ratings, or what the file says of its pair.
    func margin(of pair: (chosen: Int, rejected: Int)) -> Double? {
        ratings.isEmpty
            ? pairElements[pair.chosen]?.margin : ratings[pair.chosen] - ratings[pair.rejected]
    }

    /// The probability that the chosen one is truly preferred: logistic in the difference of the
    /// ratings, or what the file says of its pair.
    func preferenceProbability(of pair: (chosen: Int, rejected: Int)) -> Double? {
        ratings.isEmpty
            ? pairElements[pair.chosen]?.preferenceProbability : margin(of: pair).map(sigmoid)
    }

    /// The request that fits the head, with the training items only.
    func fitHead(
        _ fit: RewardModelSpec.HeadFit,
        labels fitLabels: RewardModelSpec.FitLabels = .hard
    ) -> WorkerRequest.FitHead {
        let places = Dictionary(
            uniqueKeysWithValues: training.enumerated().map { ($1, $0) }
        )
        var request = WorkerRequest.FitHead(method: fit, items: training.map { items[$0] })
        if kind == .attributes {
            request.attributes = attributes
            request.attributeRatings = training.map { attributeRatings[$0] }
        } else if fit == .ridge {
            request.ratings = training.map { ratings[$0] }
            return request
        } else if fit == .logistic && !readsPairs {
            request.labels = training.map { labels[$0] }
            return request
        } else if fit == .plackettLuce {
            request.lists = trainingLists.map { $0.compactMap { places[$0] } }
            return request
        }
        request.chosen = trainingPairs.compactMap { places[$0.chosen] }
        request.rejected = trainingPairs.compactMap { places[$0.rejected] }
        switch fitLabels {
        case .hard: break
        case .soft:
            request.probabilities = trainingPairs.map { preferenceProbability(of: $0) ?? 1 }
        case .margin: request.margins = trainingPairs.map { margin(of: $0) ?? 0 }
        }
        return request
    }

    // MARK: Texts

    /// How many texts are tokenised for gradient steps: one an item, or one a pair for a model that
    /// reads both sides at once.
    var textCount: Int { readsPairs ? trainingPairs.count : items.count }

    /// A text as the model reads it.
    func rendered(_ index: Int, _ spec: RewardModelSpec) -> String {
        guard readsPairs, case .pair(let head)? = spec.head else {
            return text(index, template: spec.template)
        }
        let (first, second) = sides(of: index)
        return TextTemplate(head.template).filled([
            "prompt": items[first].prompt, "a": items[first].completion,
            "b": items[second].completion,
        ])
    }

    /// The scored text of an item under a reward model's template.
    func text(_ item: Int, template: String) -> String {
        TextTemplate(template).filled([
            "prompt": items[item].prompt, "completion": items[item].completion,
        ])
    }

    /// The items of a pair in the order in which they are read: the seed's choice, so that the model
    /// cannot learn that the first is the better one.
    private func sides(of pair: Int) -> (Int, Int) {
        let (chosen, rejected) = trainingPairs[pair]
        return plan.isSwapped(pair: pair) ? (rejected, chosen) : (chosen, rejected)
    }

    /// The texts of every element that a step on `needs` learns from.
    func elements(_ needs: DataRequirements) -> [[Int]] {
        if readsPairs { return trainingPairs.indices.map { [$0] } }
        return switch needs.kind {
        case .pairs: trainingPairs.map { [$0.chosen, $0.rejected] }
        case .groups: trainingLists
        case .sequences: training.map { [$0] }
        }
    }

    /// Whether a text is good: its label, or that the first of two is the better one.
    func label(of text: Int) -> Bool? {
        if readsPairs { return !plan.isSwapped(pair: text) }
        return labels.indices.contains(text) ? labels[text] : nil
    }

    /// What is wrong with a head's fit, or the steps of an objective, on this data.
    func mismatch(_ spec: RunSpec, _ needs: DataRequirements) -> (path: String, message: String)? {
        if let message = fitMismatch(spec.rewardModel) {
            return ("$.reward_model.head_fit", message)
        }
        guard spec.updateEpochs > 0 else { return nil }
        let name = spec.objective.name
        func refusal(_ what: String, _ mend: String) -> (path: String, message: String)? {
            (
                "$.objective.name",
                "\(name) learns from \(what), the data has \(kind.rawValue): \(mend)"
            )
        }
        if readsPairs {
            return needs.kind == .sequences && needs.fields.contains(.label)
                ? nil : refusal("pairs of texts apart", "a pair head learns by binary_labels")
        }
        switch needs.kind {
        case .pairs:
            let mend = kind == .ratings ? "use rating_regression" : "use binary_labels"
            return trainingPairs.isEmpty ? refusal("pairs", mend) : nil
        case .groups:
            return kind == .lists ? nil : refusal("ranked lists", "use bradley_terry")
        case .sequences:
            if needs.fields.contains(.label) {
                return kind == .labels ? nil : refusal("labels", "use bradley_terry")
            }
            return kind == .ratings ? nil : refusal("ratings", "use bradley_terry")
        }
    }

    private func fitMismatch(_ spec: RewardModelSpec) -> String? {
        switch spec.headFit {
        case .none: nil
        case _ where kind == .attributes: nil
        case .ridge where ratings.isEmpty: "ridge needs ratings; for pairs use bradley_terry"
        case .logistic where labels.isEmpty && !readsPairs:
            "logistic needs labels; for pairs use bradley_terry"
        case .plackettLuce where trainingLists.isEmpty:
            "plackett_luce needs ranked lists; for pairs use bradley_terry"
        case .bradleyTerry where trainingPairs.isEmpty:
            "bradley_terry needs pairs; for labels use logistic"
        default: nil
        }
    }
}
