import Domain
import Objectives
import Store

/// What an iteration's steps learn from: stored sequences, each with what the objective wants to know
/// of it, and the elements that minibatches are made of.
///
/// A pure function of what is stored and of the run's own copy of its data.
struct Lessons: Sendable {
    /// A stored sequence and what is known of it beside its tokens and log-probabilities.
    struct Member: Sendable {
        var record: RolloutRecord
        /// One number for each completion token.
        var tokens: [BatchField: [Float]] = [:]
        /// Numbers of the whole sequence.
        var scalars: [BatchField: Double] = [:]
        /// Whether it is desirable.
        var label: Bool?
        /// What its loss is multiplied by.
        var weight = 1.0
    }

    /// Two members by their places, one preferred, and perhaps a third.
    struct Pair: Sendable {
        var chosen: Int
        var rejected: Int
        var third: Int?
        var margin: Double?
        var preferenceProbability: Double?
        var weight = 1.0
    }

    /// What one place of a minibatch holds, by places in `members`.
    enum Element: Sendable {
        case sequence(Int)
        case pair(Pair)
        case group(Range<Int>)
    }

    var members: [Member] = []
    /// The iteration's own first; then those of a file and of earlier iterations, as far as a
    /// minibatch has shares of them.
    var elements: [Element] = []
    /// Places in `elements` of those of a file, of which each minibatch has a share.
    var offline = 0..<0
    /// The same of those of earlier iterations.
    var replay = 0..<0
    /// The order in which every pass goes through the iteration's own; shuffled anew without.
    var order: [Int]?
    /// What the stages say of the iteration, by their contract names.
    var metrics: [String: Double] = [:]
    /// The objective with what controllers have set for the iteration; `nil`: the spec's.
    var objective: NamedParameters?
}

extension Lessons {
    /// The texts of a reward model and the pairs among them.
    ///
    /// - Parameters:
    ///   - records: Stored texts, each id once; `promptIndex` is the item of the data.
    ///   - pairs: Pairs of their ids; those of which one is missing are left out.
    ///   - data: Knows how sure the pairs are.
    init(texts records: [RolloutRecord], pairs: [PairRecord], data: RewardData) {
        members = records.map { Member(record: $0) }
        let places = Self.places(records)
        elements = pairs.compactMap { pair in
            guard let chosen = places[pair.chosen], let rejected = places[pair.rejected] else {
                return nil
            }
            let items = (records[chosen].promptIndex, records[rejected].promptIndex)
            return .pair(
                Pair(
                    chosen: chosen,
                    rejected: rejected,
                    margin: pair.margin,
                    preferenceProbability: data.preferenceProbability(of: items)
                )
            )
        }
    }

    /// The texts of a reward model with what is known of each, alone or in ranked lists.
    ///
    /// - Parameters:
    ///   - records: Stored texts; `promptIndex` is the text of the data.
    ///   - data: What it says of its texts.
    ///   - needs: What the objective needs: sequences or groups.
    init(texts records: [RolloutRecord], data: RewardData, needs: DataRequirements) {
        var recordOf: [Int: RolloutRecord] = [:]
        for record in records { recordOf[record.promptIndex] = record }
        for texts in data.elements(needs) {
            let first = members.count
            for (rank, text) in texts.enumerated() {
                guard let record = recordOf[text] else { continue }
                var member = Member(record: record)
                member.label = data.label(of: text)
                if needs.kind == .groups {
                    // Only the order counts: the best of a list first.
                    member.scalars[.reward] = -Double(rank)
                } else if data.ratings.indices.contains(text) {
                    member.scalars[.reward] = data.ratings[text]
                }
                members.append(member)
            }
            guard members.count > first else { continue }
            elements.append(
                needs.kind == .groups ? .group(first..<members.count) : .sequence(first)
            )
        }
    }

    /// Where each record stands, by its id.
    static func places(_ records: [RolloutRecord]) -> [Int: Int] {
        Dictionary(uniqueKeysWithValues: records.enumerated().map { ($1.id, $0) })
    }
}
