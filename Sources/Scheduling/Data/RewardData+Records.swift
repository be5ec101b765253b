import Domain
import Objectives
import Statistics
import WorkerProtocol

// The shapes of a reward model's records.
extension RewardData {
    mutating func addPairs(_ examples: [DataElement], _ spec: RewardModelSpec) {
        let places = examples.map { append($0) }
        let heldOut = plan.holdout(share: spec.holdout, of: examples.count)
        let kept = examples.indices.filter { !heldOut.contains($0) }
        training += kept.flatMap { [places[$0].chosen, places[$0].rejected] }
        trainingPairs = kept.map { places[$0] }
        heldOutPairs = heldOut.sorted().map { places[$0] }
    }

    private mutating func append(_ example: DataElement) -> (chosen: Int, rejected: Int) {
        let (first, prompt) = (items.count, example.prompt.rewardText)
        items += example.completions.prefix(2).map { .init(prompt: prompt, completion: $0.text) }
        pairElements[first] = example
        return (first, first + 1)
    }

    mutating func addRatings(
        _ records: [DataRecord],
        _ spec: RewardModelSpec
    ) throws(HoneError) {
        for record in records {
            let example = try RatedText(record)
            items.append(example.item)
            ratings.append(try record.number("rating"))
        }
        let heldOut = divide(spec)
        pair(ratings, heldOut, spec.minimumMargin, groups: items.map(\.prompt))
    }

    mutating func addLabels(
        _ records: [DataRecord],
        _ spec: RewardModelSpec
    ) throws(HoneError) {
        for record in records {
            let example = try RatedText(record)
            let label = try record.required("label")
            guard let truth = label.boolValue else {
                throw record.error("\"label\" must be true or false, not \(label.kindName)")
            }
            items.append(example.item)
            labels.append(truth)
        }
        let heldOut = divide(spec)
        // Good and bad texts are held to be comparable whatever their prompts; pairs to learn from
        // are of one prompt.
        let goodness = labels.map { $0 ? 1.0 : 0 }
        pair(goodness, [], 1, groups: items.map(\.prompt))
        heldOutPairs = plan.ratedPairs(
            ratings: goodness,
            groups: items.map { _ in "" },
            among: heldOut,
            margin: 1,
            limit: Self.pairsPerHeldOutRating
        )
    }

    /// Lists of one prompt's completions: the best first, or with `ranks` (1 is the best), or with
    /// rewards or the like (higher is better).
    mutating func addLists(
        _ records: [DataRecord],
        _ spec: RewardModelSpec
    ) throws(HoneError) {
        let reader = ElementReader(objective: "", needs: DataRequirements(.groups))
        var lists: [[(item: Int, rank: Double)]] = []
        for record in records {
            let group = try reader.group(record)
            let ranks = try Self.ranks(record, group)
            let first = items.count
            items += group.completions.map {
                .init(prompt: group.prompt.rewardText, completion: $0.text)
            }
            let list = ranks.enumerated().map { (item: first + $0.offset, rank: $0.element) }
            lists.append(list.sorted { ($0.rank, $0.item) < ($1.rank, $1.item) })
        }
        let heldOut = plan.holdout(share: spec.holdout, of: lists.count)
        for (index, list) in lists.enumerated() {
            let pairs = Self.pairs(list)
            if heldOut.contains(index) {
                heldOutPairs += pairs
            } else {
                training += list.map { $0.item }.sorted()
                trainingLists.append(list.map { $0.item })
                trainingPairs += pairs
            }
        }
    }

    private static func ranks(
        _ record: DataRecord,
        _ group: DataElement
    ) throws(HoneError) -> [Double] {
        let count = group.completions.count
        guard count >= 2 else { throw record.error("a ranked list needs two completions or more") }
        if let given = record.value["ranks"], given != .null {
            guard let ranks = given.arrayValue?.compactMap(\.doubleValue), ranks.count == count,
                ranks.allSatisfy(\.isFinite)
            else { throw record.error("\"ranks\" must be a list of \(count) numbers") }
            return ranks
        }
        let rewards = group.completions.map { $0.scalars[.reward] }
        if rewards.allSatisfy({ $0 == nil }) { return (0..<count).map { Double($0) } }
        return try rewards.map { reward throws(HoneError) in
            guard let reward else {
                throw record.error("every completion of a list needs a reward")
            }
            return -reward
        }
    }

    /// Every pair of a list whose ranks differ.
    private static func pairs(
        _ list: [(item: Int, rank: Double)]
    ) -> [(chosen: Int, rejected: Int)] {
        list.indices.flatMap { better in
            list[(better + 1)...].filter { $0.rank > list[better].rank }
                .map { (list[better].item, $0.item) }
        }
    }

    /// Texts with ratings of several attributes, and perhaps pairs, which teach how attributes weigh.
    mutating func addAttributes(
        _ records: [DataRecord],
        _ reader: ElementReader,
        _ spec: RewardModelSpec
    ) throws(HoneError) {
        var known: [[String: Double]] = []
        for record in records where record.value["attributes"] != nil {
            items.append(try RatedText(record).item)
            known.append(try Self.attributes(record))
        }
        attributes = Set(known.flatMap(\.keys)).sorted()
        attributeRatings = known.map { ratings in attributes.map { ratings[$0] } }
        let heldOut = divide(spec)
        heldOutRated = heldOut
        let pairs = try reader.elements(records.filter { $0.value["attributes"] == nil })
        if pairs.isEmpty {
            // Without pairs the mean rating says which of one prompt's texts is the better one.
            let means = known.map { Sample.mean($0.values) ?? 0 }
            pair(means, heldOut, spec.minimumMargin, groups: items.map(\.prompt))
            trainingPairs = []
            return
        }
        let unknown = [Double?](repeating: nil, count: attributes.count)
        attributeRatings += Array(repeating: unknown, count: 2 * pairs.count)
        addPairs(pairs, spec)
    }

    private static func attributes(_ record: DataRecord) throws(HoneError) -> [String: Double] {
        guard let fields = record.value["attributes"]?.objectValue, !fields.isEmpty else {
            throw record.error("\"attributes\" must be an object with a number for each attribute")
        }
        var ratings: [String: Double] = [:]
        for (name, value) in fields where value != .null {
            guard let number = value.doubleValue, number.isFinite else {
                throw record.error("\"attributes.\(name)\" must be a number, not \(value.kindName)")
            }
            ratings[name] = number
        }
        return ratings
    }

    /// Holds out a share of the items there are; the others are learned from.
    private mutating func divide(_ spec: RewardModelSpec) -> [Int] {
        let heldOut = plan.holdout(share: spec.holdout, of: items.count)
        training = items.indices.filter { !heldOut.contains($0) }
        return heldOut.sorted()
    }

    /// Pairs of texts whose ratings differ, among those learned from and among those held out.
    private mutating func pair(
        _ ratings: [Double],
        _ heldOut: [Int],
        _ margin: Double,
        groups: [String]
    ) {
        trainingPairs = plan.ratedPairs(
            ratings: ratings,
            groups: groups,
            among: training,
            margin: margin,
            limit: Self.pairsPerRating
        )
        heldOutPairs = plan.ratedPairs(
            ratings: ratings,
            groups: groups,
            among: heldOut,
            margin: margin,
            limit: Self.pairsPerHeldOutRating
        )
    }
}

/// A text of which a person says something: `{"prompt"?, "completion"|"text", …}`.
///
/// Texts are compared only with texts of the same prompt.
struct RatedText {
    var item: WorkerRequest.ScoreItem

    init(_ record: DataRecord) throws(HoneError) {
        var prompt = ""
        if let given = record.value["prompt"], given != .null {
            prompt = try record.prompt(given, "prompt").rewardText
        }
        let name = record.value["completion"] == nil ? "text" : "completion"
        item = .init(
            prompt: prompt,
            completion: try record.completion(try record.required(name), name)
        )
    }
}
