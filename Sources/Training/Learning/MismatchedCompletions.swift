import Objectives

/// Sequences' prompts, each with the completion of a sequence that has another prompt: what KTO's
/// reference point is estimated on (arXiv 2402.01306).
///
/// A sequence takes the completion of the next sequence in the batch's order (the first follows the
/// last) that has another prompt and whose completion no other sequence has taken, so that as many
/// different completions as possible are looked at, as in TRL and HALOs. When all are taken it is
/// the next one with another prompt. A sequence that has its log-ratio already is left as it is.
struct MismatchedCompletions {
    /// What is to be scored.
    private(set) var groups: [SequenceGroup] = []
    /// For each completion of `groups`: whose prompt and whose completion it is.
    private var pairs: [[Pair]] = []

    /// Indices into the batch's sequences.
    private struct Pair {
        let prompt: Int
        let completion: Int
    }

    /// - Parameters:
    ///   - batch: one optimizer step's.
    ///   - context: the most tokens of a sequence: what is longer loses the completion's end.
    init(_ batch: TrainingBatch, context: Int) {
        var open: [Int: Int] = [:]
        for pair in Self.pairs(of: batch) {
            let group = batch.sequences[pair.prompt].group
            let prompt = batch.groups[group].prompt
            let completion = Array(
                batch.completion(pair.completion).prefix(max(0, context - prompt.count))
            )
            if completion.isEmpty { continue }
            let place: Int
            if let last = open[group],
                groups[last].tokenCount + completion.count <= SequenceScorer.passTokens
            {
                place = last
            } else {
                place = groups.count
                groups.append(SequenceGroup(prompt: prompt, completions: []))
                pairs.append([])
            }
            open[group] = place
            groups[place].completions.append(completion)
            pairs[place].append(pair)
        }
    }

    private static func pairs(of batch: TrainingBatch) -> [Pair] {
        let count = batch.sequences.count
        let prompts = batch.sequences.map { batch.groups[$0.group].prompt }
        var numbers: [[Int32]: Int] = [:]
        for prompt in prompts where numbers[prompt] == nil { numbers[prompt] = numbers.count }
        let names = prompts.map { numbers[$0] }
        let isEmpty = batch.sequences.indices.map { batch.completion($0).isEmpty }
        var isTaken = Array(repeating: false, count: count)
        var pairs: [Pair] = []
        for index in 0..<count
        where batch.sequences[index].terms[scalar: .mismatchedLogRatio] == nil {
            let others = (1..<max(1, count)).lazy.map { (index + $0) % count }
                .filter { names[$0] != names[index] && !isEmpty[$0] }
            guard let next = others.first else { continue }
            let other = others.first { !isTaken[$0] } ?? next
            isTaken[other] = true
            pairs.append(Pair(prompt: index, completion: other))
        }
        return pairs
    }

    /// The batch with log-ratios, from the log-probabilities of `groups` under both models.
    ///
    /// The tokens that count are those that the completion is trained on in its own sequence.
    func filled(
        _ batch: TrainingBatch,
        policy: [[[Float]]],
        reference: [[[Float]]]
    ) -> TrainingBatch {
        var result = batch
        for (group, pairs) in pairs.enumerated() {
            for (place, pair) in pairs.enumerated() {
                let count = groups[group].completions[place].count
                let ratios = zip(policy[group][place], reference[group][place]).map {
                    Double($0) - Double($1)
                }
                let weights = Self.weights(of: pair.completion, batch, count).suffix(ratios.count)
                result.sequences[pair.prompt].terms[scalar: .mismatchedLogRatio] =
                    zip(ratios, weights).reduce(0) { $1.1 == 0 ? $0 : $0 + $1.0 * $1.1 }
            }
        }
        return result
    }

    /// What each of the first `count` tokens of a sequence's completion counts.
    private static func weights(
        of sequence: Int,
        _ batch: TrainingBatch,
        _ count: Int
    ) -> [Double] {
        let all = batch.completion(sequence).count
        guard let mask = batch.sequences[sequence].terms.mask else {
            return Array(repeating: 1, count: count)
        }
        // Without a prompt nothing predicts the first token, and the mask does not speak of it.
        let silent = Array(repeating: 0.0, count: max(0, all - mask.count))
        return Array((silent + mask).prefix(count))
    }
}

extension TrainingBatch {
    /// The tokens of a sequence's completion.
    fileprivate func completion(_ sequence: Int) -> [Int32] {
        groups[sequences[sequence].group].completions[sequences[sequence].completion]
    }
}
