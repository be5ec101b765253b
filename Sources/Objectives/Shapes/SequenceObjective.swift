package import Domain

/// An objective whose loss is a mean over sequences and depends on sums over each one's tokens.
package protocol SequenceObjective: Objective {
    /// The loss of one sequence, as in the paper.
    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual

    /// What else is measured of a sequence: names and values, of which the mean is reported.
    func measures(_ sequence: SequenceView) throws(HoneError) -> [(String, Double)]
}

extension SequenceObjective {
    /// Nothing, unless said.
    package func measures(_ sequence: SequenceView) throws(HoneError) -> [(String, Double)] { [] }

    /// The mean over the batch's sequences that have trained tokens.
    package func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        var sum = Accumulator(self)
        guard case .sequences(let list) = batch.content else { throw sum.wrongKind(batch) }
        let statistics = try statistics(for: batch)
        let share = 1 / max(batch.totals.sequences, 1)
        for (index, terms) in zip(batch.firstIndex..., list) {
            let place = SequencePlace(list: .sequences, index: index)
            let view = try SequenceView(terms, at: place, statistics: statistics)
            let loss = terms.isTrained ? try loss(view) : Dual(0)
            try sum.add(loss.value, share: share * terms.weight, at: place)
            try sum.append(view, loss, .alone, share: share * terms.weight)
            if !requirements.trainsScores {
                sum.measure("policy/logprob", view.logprob.value * share)
            }
            guard terms.isTrained else { continue }
            for (name, value) in try measures(view) { sum.measure(name, value * share) }
        }
        return sum.result
    }

    /// The sequences of `content` that have trained tokens.
    func views(of content: ObjectiveBatch.Content) throws(HoneError) -> [SequenceView] {
        guard case .sequences(let list) = content else { return [] }
        var views: [SequenceView] = []
        for (index, terms) in list.enumerated() {
            let place = SequencePlace(list: .sequences, index: index)
            let view = try SequenceView(terms, at: place)
            if view.length > 0 { views.append(view) }
        }
        return views
    }
}
