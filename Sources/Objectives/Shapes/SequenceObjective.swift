package import Domain

/// An objective whose loss is a mean over sequences and depends on sums over each one's tokens.
package protocol SequenceObjective: Objective {
    /// The loss of one sequence, as in the paper.
    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual
}

extension SequenceObjective {
    /// The mean over the batch's sequences that have trained tokens.
    package func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        var sum = Accumulator(self)
        guard case .sequences(let list) = batch.content else { throw sum.wrongKind(batch) }
        let statistics = try statistics(for: batch)
        let share = 1 / max(batch.totals.sequences, 1)
        for (index, terms) in list.enumerated() {
            let place = SequencePlace(list: .sequences, index: index)
            let view = try SequenceView(terms, at: place, statistics: statistics)
            let loss = view.length > 0 ? try loss(view) : Dual(0)
            try sum.add(loss.value, share: share * terms.weight, at: place)
            let derivative = loss.partials[0] * share * terms.weight
            try sum.append(terms, derivative: derivative, at: place)
            sum.measure("policy/logprob", view.logprob.value * share)
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
