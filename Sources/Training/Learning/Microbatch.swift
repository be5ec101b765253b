import Domain
import Models
import Objectives

/// A part of a batch that is run forward and backward at once.
struct Microbatch {
    /// Indices into the batch's sequences, in the objective's gradient order (a sequence may occur
    /// in several pairs).
    let members: [Int]
    let content: Content
    /// For each sequence of the part: its place among the packed completions.
    let places: [Int: Int]
    let packed: PackedBatch

    /// The structure in terms of batch indices.
    enum Content {
        case pairs([TrainingBatch.Pair])
        case groups([[Int]])
        case sequences([Int])

        var members: [Int] {
            switch self {
            case .pairs(let pairs): pairs.flatMap { $0.members }
            case .groups(let groups): groups.flatMap { $0 }
            case .sequences(let list): list
            }
        }
    }

    /// Pairs, groups or sequences, whichever the structure is of.
    var elementCount: Int {
        switch content {
        case .pairs(let pairs): pairs.count
        case .groups(let groups): groups.count
        case .sequences(let list): list.count
        }
    }

    init(_ content: Content, of batch: TrainingBatch) {
        self.content = content
        members = content.members
        var completions: [Int: [Int]] = [:]
        for member in Set(members).sorted() {
            completions[batch.sequences[member].group, default: []].append(member)
        }
        var packed = PackedBatch()
        var places: [Int: Int] = [:]
        for group in completions.keys.sorted() {
            let list = completions[group] ?? []
            for member in list { places[member] = places.count }
            packed.append(
                prompt: batch.groups[group].prompt,
                completions: list.map {
                    batch.groups[group].completions[batch.sequences[$0].completion]
                }
            )
        }
        self.packed = packed
        self.places = places
    }

    /// The objective's view of the part, with what the model said of each sequence filled in.
    func objectiveContent(_ terms: (Int) -> SequenceTerms) -> ObjectiveBatch.Content {
        switch content {
        case .pairs(let pairs):
            .pairs(
                pairs.map { pair in
                    var result = PairTerms(
                        chosen: terms(pair.chosen),
                        rejected: terms(pair.rejected)
                    )
                    result.third = pair.third.map(terms)
                    result.margin = pair.margin
                    result.preferenceProbability = pair.preferenceProbability
                    result.weight = pair.weight
                    return result
                }
            )
        case .groups(let groups):
            .groups(
                groups.map { members in
                    var group = GroupTerms(members.map(terms))
                    // A group counts as much as its completions do on average.
                    let sum = group.completions.reduce(0) { $0 + $1.weight }
                    if !members.isEmpty { group.weight = sum / Double(members.count) }
                    return group
                }
            )
        case .sequences(let list): .sequences(list.map(terms))
        }
    }
}

/// Cuts a batch into microbatches of at most so many tokens.
///
/// What belongs together stays together: pairs and groups that share a prompt or a sequence. The
/// order is the batch's, so the cut is a pure function of batch and budget.
struct MicrobatchPlanner {
    let batch: TrainingBatch
    let kind: DataRequirements.Kind

    /// - Throws: `invalidData` when the batch has not the structure that the objective works on.
    func plan(tokenBudget: Int) throws(HoneError) -> [Microbatch] {
        var parts: [[Microbatch.Content]] = []
        var tokens = 0
        var piecesInPart: Set<Piece> = []
        let units = try units()
        guard !units.isEmpty else {
            throw HoneError(.invalidData, "the batch has no sequences", param: "sequences")
        }
        for unit in units {
            let pieces = pieces(unit)
            var fresh = pieces.subtracting(piecesInPart)
            if parts.isEmpty || (tokens + cost(fresh) > tokenBudget && !fresh.isEmpty) {
                parts.append([])
                piecesInPart = []
                tokens = 0
                fresh = pieces
            }
            parts[parts.count - 1].append(unit)
            tokens += cost(fresh)
            piecesInPart.formUnion(pieces)
        }
        return parts.map { Microbatch(merge($0), of: batch) }
    }

    /// What is computed once, however many units it is part of.
    private enum Piece: Hashable {
        /// A prompt with everything that continues it.
        case group(Int)
        /// A sequence without a prompt, which it could share.
        case sequence(Int)
    }

    private func pieces(_ unit: Microbatch.Content) -> Set<Piece> {
        Set(
            unit.members.map { member in
                let group = batch.sequences[member].group
                return batch.groups[group].prompt.isEmpty ? .sequence(member) : .group(group)
            }
        )
    }

    private func cost(_ pieces: Set<Piece>) -> Int {
        pieces.reduce(0) { sum, piece in
            switch piece {
            case .group(let group): return sum + batch.groups[group].tokenCount
            case .sequence(let member):
                let sequence = batch.sequences[member]
                return sum + batch.groups[sequence.group].completions[sequence.completion].count
            }
        }
    }

    private func units() throws(HoneError) -> [Microbatch.Content] {
        switch kind {
        case .pairs:
            guard !batch.pairs.isEmpty else {
                throw HoneError(
                    .invalidData,
                    "the objective needs preference pairs; the batch has none",
                    param: "pairs"
                )
            }
            return batch.pairs.map { .pairs([$0]) }
        case .groups:
            var members: [Int: [Int]] = [:]
            for (index, sequence) in batch.sequences.enumerated() {
                members[sequence.group, default: []].append(index)
            }
            return members.keys.sorted().map { .groups([members[$0] ?? []]) }
        case .sequences:
            return batch.sequences.indices.map { .sequences([$0]) }
        }
    }

    private func merge(_ units: [Microbatch.Content]) -> Microbatch.Content {
        switch kind {
        case .pairs:
            .pairs(units.flatMap { $0.pairList })
        case .groups: .groups(units.flatMap { $0.groupList })
        case .sequences: .sequences(units.flatMap { $0.members })
        }
    }
}

extension Microbatch.Content {
    fileprivate var pairList: [TrainingBatch.Pair] {
        if case .pairs(let list) = self { list } else { [] }
    }

    fileprivate var groupList: [[Int]] {
        if case .groups(let list) = self { list } else { [] }
    }
}
