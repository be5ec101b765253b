import Domain
import Objectives

/// One microbatch of a reward model's step, once its texts have their numbers: the objective's loss and
/// its derivatives by those numbers, whatever head they are of.
struct RewardLesson {
    let part: Microbatch
    let batch: TrainingBatch
    let objective: any Objective
    let totals: BatchTotals
    /// The place of the part's first element in the whole batch.
    let first: Int
    /// The head's numbers of each text: (texts, outputs).
    let values: [[Double]]
    /// The text of each sequence of the part.
    let rows: [Int: Int]

    /// The loss, and its derivatives by `values`.
    func learned(
        by head: RewardHead,
        _ share: BootstrapShare
    ) throws(HoneError) -> (ObjectiveResult, [[Double]]) {
        switch head {
        case .ensemble(let settings): try members(settings, share)
        case .preference(let settings): try preferences(PreferenceForm(settings: settings))
        default: try scores(output: 0) { _ in 1 }
        }
    }

    private var zeroSlopes: [[Double]] {
        values.map { Array(repeating: 0, count: $0.count) }
    }

    /// One output as a score; `weight` is how often an element of these texts counts.
    private func scores(
        output: Int,
        weight: ([Int]) -> Double
    ) throws(HoneError) -> (ObjectiveResult, [[Double]]) {
        let content = part.objectiveContent { member in
            var terms = batch.sequences[member].terms
            terms.score = rows[member].map { values[$0][output] }
            return terms
        }
        let result = try evaluate(content.weighted(elements.map(weight)))
        var slopes = zeroSlopes
        for (member, gradient) in zip(part.members, result.gradients) {
            if let row = rows[member] { slopes[row][output] += gradient.score ?? 0 }
        }
        return (result, slopes)
    }

    /// The mean of what each member makes of its own share of the data.
    private func members(
        _ settings: RewardHead.Ensemble,
        _ share: BootstrapShare
    ) throws(HoneError) -> (ObjectiveResult, [[Double]]) {
        var (total, slopes) = (ObjectiveResult(), zeroSlopes)
        let part = 1 / Double(settings.members)
        for member in 0..<settings.members {
            let own = try scores(output: member) { sequences in
                settings.bootstrap ? share.weight(member: member, of: sequences.map(tokens)) : 1
            }
            total.append(
                ObjectiveResult(
                    loss: own.0.loss * part,
                    metrics: own.0.metrics.mapValues { $0 * part }
                )
            )
            for row in slopes.indices { slopes[row][member] = own.1[row][member] * part }
        }
        return (total, slopes)
    }

    /// Pairs of vectors: half the log-odds stand for the chosen's score, less half for the
    /// rejected's, so that their difference is what the pair's objective is about.
    private func preferences(
        _ form: PreferenceForm
    ) throws(HoneError) -> (ObjectiveResult, [[Double]]) {
        guard case .pairs(let pairs) = part.content,
            case .pairs(var terms) = part.objectiveContent({ batch.sequences[$0].terms })
        else {
            throw HoneError(.invalidSpec, "a preference head learns from pairs", param: "objective")
        }
        var sides: [(chosen: Int, rejected: Int)] = []
        for (index, pair) in pairs.enumerated() {
            let (chosen, rejected) = (rows[pair.chosen] ?? 0, rows[pair.rejected] ?? 0)
            let odds = form.score(values[chosen], values[rejected])
            terms[index].chosen.score = odds / 2
            terms[index].rejected.score = -odds / 2
            sides.append((chosen, rejected))
        }
        let result = try evaluate(.pairs(terms))
        var slopes = zeroSlopes
        for (index, side) in sides.enumerated() {
            let chosen = result.gradients[2 * index].score ?? 0
            let rejected = result.gradients[2 * index + 1].score ?? 0
            let by = form.slopes(
                values[side.chosen],
                values[side.rejected],
                (chosen - rejected) / 2
            )
            for output in by.left.indices {
                slopes[side.chosen][output] += by.left[output]
                slopes[side.rejected][output] += by.right[output]
            }
        }
        return (result, slopes)
    }

    private func evaluate(_ content: ObjectiveBatch.Content) throws(HoneError) -> ObjectiveResult {
        var piece = ObjectiveBatch(content, totals: totals)
        piece.firstIndex = first
        return try objective.evaluate(piece)
    }

    /// The sequences of each element of the part.
    private var elements: [[Int]] {
        switch part.content {
        case .pairs(let pairs): pairs.map { [$0.chosen, $0.rejected] }
        case .groups(let groups): groups
        case .sequences(let list): list.map { [$0] }
        }
    }

    private func tokens(_ member: Int) -> [Int32] {
        let sequence = batch.sequences[member]
        let group = batch.groups[sequence.group]
        return group.prompt + group.completions[sequence.completion]
    }
}

extension ObjectiveBatch.Content {
    /// The same elements, each one's weight multiplied.
    fileprivate func weighted(_ weights: [Double]) -> ObjectiveBatch.Content {
        func scale<Element>(
            _ list: [Element],
            _ field: WritableKeyPath<Element, Double>
        ) -> [Element] {
            zip(list, weights).map { element, weight in
                var result = element
                result[keyPath: field] *= weight
                return result
            }
        }
        return switch self {
        case .pairs(let pairs): .pairs(scale(pairs, \.weight))
        case .groups(let groups): .groups(scale(groups, \.weight))
        case .sequences(let list): .sequences(scale(list, \.weight))
        }
    }
}
