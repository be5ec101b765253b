import Domain
import Objectives
import Statistics
import Store

/// Which stored verdicts a client has a step learn from.
public struct FeedbackFilter: Sendable, Hashable {
    /// Of this run's completions only, by its id.
    public var runID: String?
    /// Of this iteration only.
    public var iteration: Int?
    /// By this annotator only.
    public var annotator: String?
    /// That came through this only.
    public var source: String?
    /// Whether those that the run has learned from may be learned from again.
    public var again = false
    /// The most of them, the oldest first.
    public var limit = 256

    /// All that is new.
    public init() {}
}

/// Verdicts as a batch of the structure that an objective learns from.
///
/// A pure function of the verdicts.
struct FeedbackBatch {
    /// The verdicts that say something which the objective can learn.
    private(set) var used: [Int] = []
    private(set) var sequences: [UpdateSequence] = []
    private(set) var pairs: [UpdatePair] = []
    private let needs: DataRequirements
    private let annotators: AnnotatorModel
    /// The stored completions; of others, which went with their run, the texts are left.
    private let rollouts: Set<Int>

    /// Makes a batch of the first verdicts that say something which an objective can learn.
    init(
        _ records: [FeedbackRecord],
        needs: DataRequirements,
        annotators: AnnotatorModel = AnnotatorModel(),
        rollouts: Set<Int> = [],
        limit: Int = .max
    ) {
        self.needs = needs
        self.annotators = annotators
        self.rollouts = rollouts
        for record in records where record.truth == nil && used.count < limit {
            if add(record) { used.append(record.id) }
        }
    }

    /// What objectives of a structure learn from.
    static func kinds(_ needs: DataRequirements) -> [Verdict.Kind] {
        if needs.kind == .pairs { return [.pairwise, .ranking] }
        if needs.fields.contains(.label) { return [.binary, .pairwise, .ranking] }
        if needs.fields.contains(.reward) { return [.rating, .binary] }
        return needs.kind == .sequences && needs.fields.isEmpty ? [.demonstration] : []
    }

    private mutating func add(_ record: FeedbackRecord) -> Bool {
        let verdict = record.content.verdict
        guard Self.kinds(needs).contains(verdict.kind) else { return false }
        switch verdict.kind {
        case .pairwise, .ranking: return addPreferences(record)
        case .rating:
            return verdict.value.doubleValue.map { append(record, 0, reward: $0) } ?? false
        case .binary:
            let isGood = verdict.value.boolValue == true
            return append(record, 0, label: isGood, reward: isGood ? 1 : 0)
        case .demonstration:
            guard let text = verdict.value.stringValue else { return false }
            let source = UpdateSequence.Source.text(
                prompt: record.content.prompt,
                completion: text
            )
            sequences.append(UpdateSequence(source: source))
            return true
        case .critique, .span, .message: return false
        }
    }

    private mutating func addPreferences(_ record: FeedbackRecord) -> Bool {
        let preferences = Self.preferences(record)
        let strength = record.content.verdict.strength ?? 1
        let rate = annotators.rate(of: record.content.annotator)
        for (better, worse) in preferences {
            let first = sequences.count
            _ = append(record, better, label: true)
            _ = append(record, worse, label: false)
            guard needs.kind == .pairs else { continue }
            pairs.append(
                UpdatePair(
                    chosen: first,
                    rejected: first + 1,
                    margin: strength,
                    preferenceProbability: 0.5 + strength * (rate - 0.5)
                )
            )
        }
        return !preferences.isEmpty
    }

    /// The places of better and worse subjects.
    private static func preferences(_ record: FeedbackRecord) -> [(better: Int, worse: Int)] {
        let verdict = record.content.verdict
        switch verdict.choice {
        case .first?: return [(0, 1)]
        case .second?: return [(1, 0)]
        case .tie?, .bothBad?: return []
        case nil: break
        }
        let ranks = (verdict.value.arrayValue ?? []).compactMap(\.integerValue)
        return ranks.indices.flatMap { one in
            ranks.indices.filter { ranks[one] < ranks[$0] }.map { (one, $0) }
        }
    }

    private mutating func append(
        _ record: FeedbackRecord,
        _ place: Int,
        label: Bool? = nil,
        reward: Double? = nil
    ) -> Bool {
        guard record.content.subjects.indices.contains(place) else { return false }
        let subject = record.content.subjects[place]
        let source: UpdateSequence.Source =
            if let id = subject.rollout, rollouts.contains(id) { .rollout(id) } else {
                .text(prompt: record.content.prompt, completion: subject.text)
            }
        var sequence = UpdateSequence(source: source)
        if needs.fields.contains(.label) { sequence.label = label }
        if needs.fields.contains(.reward), let reward { sequence.scalars = ["reward": reward] }
        sequences.append(sequence)
        return true
    }
}
