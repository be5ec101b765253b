import Domain
import Foundation
import Objectives
import WorkerProtocol

/// The data of a reward model: texts, and which of two is better, divided into what is learned from
/// and what is held out.
struct RewardData: Sendable {
    /// Pairs that one rating may take part in: enough for a stable fit, linear in the data.
    static let pairsPerRating = 8
    /// The same for held-out ratings: practically all, while the number stays linear.
    static let pairsPerHeldOutRating = 256

    var items: [WorkerRequest.ScoreItem]
    /// One per item; empty when the data is pairs.
    var ratings: [Double]
    /// What the file says of its pairs, one for each; empty when the data is ratings.
    private var pairs: [DataElement] = []
    /// Items learned from.
    var training: [Int]
    var trainingPairs: [(chosen: Int, rejected: Int)]
    var heldOutPairs: [(chosen: Int, rejected: Int)]

    /// - Throws: `.invalidData` naming file and line, `.emptyData` when no pair comes of it.
    init(
        records: [DataRecord],
        spec: RewardModelSpec,
        plan: BatchPlan,
        reader: ElementReader? = nil
    ) throws(HoneError) {
        if records.contains(where: { $0.value["rating"] != nil }) {
            let examples = try records.map { record throws(HoneError) in
                try RatingExample(record)
            }
            self.init(ratings: examples, spec: spec, plan: plan)
        } else {
            let plain = ElementReader(objective: "", needs: DataRequirements(.pairs))
            let reader = reader.flatMap { $0.needs.kind == .pairs ? $0 : nil } ?? plain
            self.init(pairs: try reader.elements(records), spec: spec, plan: plan)
        }
        if trainingPairs.isEmpty {
            throw HoneError(
                .emptyData,
                "no preference pair can be made of the data: ratings must differ by "
                    + "minimum_margin (\(spec.minimumMargin)) or more"
            )
        }
    }

    private init(ratings examples: [RatingExample], spec: RewardModelSpec, plan: BatchPlan) {
        items = examples.map {
            WorkerRequest.ScoreItem(prompt: $0.prompt, completion: $0.completion)
        }
        ratings = examples.map { $0.rating }
        let heldOut = plan.holdout(share: spec.holdout, of: examples.count)
        training = examples.indices.filter { !heldOut.contains($0) }
        let groups = examples.map { $0.prompt }
        trainingPairs = plan.ratedPairs(
            ratings: ratings,
            groups: groups,
            among: training,
            margin: spec.minimumMargin,
            limit: Self.pairsPerRating
        )
        heldOutPairs = plan.ratedPairs(
            ratings: ratings,
            groups: groups,
            among: heldOut.sorted(),
            margin: spec.minimumMargin,
            limit: Self.pairsPerHeldOutRating
        )
    }

    private init(pairs examples: [DataElement], spec: RewardModelSpec, plan: BatchPlan) {
        items = examples.flatMap { example in
            let prompt = example.prompt.rewardText
            return example.completions.prefix(2).map {
                WorkerRequest.ScoreItem(prompt: prompt, completion: $0.text)
            }
        }
        ratings = []
        pairs = examples
        let heldOut = plan.holdout(share: spec.holdout, of: examples.count)
        let kept = examples.indices.filter { !heldOut.contains($0) }
        training = kept.flatMap { [2 * $0, 2 * $0 + 1] }
        trainingPairs = kept.map { (2 * $0, 2 * $0 + 1) }
        heldOutPairs = heldOut.sorted().map { (2 * $0, 2 * $0 + 1) }
    }

    /// The request that fits the head, with the training items only.
    func fitHead(
        _ fit: RewardModelSpec.HeadFit,
        labels: RewardModelSpec.FitLabels = .hard
    ) -> WorkerRequest.FitHead {
        let places = Dictionary(
            uniqueKeysWithValues: training.enumerated().map { ($1, $0) }
        )
        var request = WorkerRequest.FitHead(method: fit, items: training.map { items[$0] })
        if fit == .ridge {
            request.ratings = training.map { ratings[$0] }
            return request
        }
        request.chosen = trainingPairs.compactMap { places[$0.chosen] }
        request.rejected = trainingPairs.compactMap { places[$0.rejected] }
        switch labels {
        case .hard: break
        case .soft:
            request.probabilities = trainingPairs.map { preferenceProbability(of: $0) ?? 1 }
        case .margin: request.margins = trainingPairs.map { margin(of: $0) ?? 0 }
        }
        return request
    }

    /// The scored text of an item under a reward model's template.
    func text(_ item: Int, template: String) -> String {
        TextTemplate(template).filled([
            "prompt": items[item].prompt, "completion": items[item].completion,
        ])
    }
}

extension RewardData {
    /// The difference of the ratings, or what the file says of its pair.
    func margin(of pair: (chosen: Int, rejected: Int)) -> Double? {
        ratings.isEmpty
            ? pairs[pair.chosen / 2].margin : ratings[pair.chosen] - ratings[pair.rejected]
    }

    /// The probability that the chosen one is truly preferred: logistic in the difference of the
    /// ratings, or what the file says of its pair.
    func preferenceProbability(of pair: (chosen: Int, rejected: Int)) -> Double? {
        ratings.isEmpty
            ? pairs[pair.chosen / 2].preferenceProbability : margin(of: pair).map(sigmoid)
    }
}
