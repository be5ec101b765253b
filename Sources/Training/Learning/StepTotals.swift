import Objectives

/// Sums over the microbatches of one step.
struct StepTotals {
    private var result = ObjectiveResult()
    private var entropySum = 0.0
    private var entropyCount = 0
    private var klSum = 0.0
    private var klCount = 0
    private var parity: Double?
    private var fit = ValueFit()
    private(set) var tokenCount = 0

    mutating func add(
        _ next: ObjectiveResult,
        _ pass: ForwardPass,
        _ batch: TrainingBatch,
        _ policyVersion: Int
    ) {
        result.append(next)
        tokenCount += pass.tokenCount
        for (member, terms) in pass.terms.sorted(by: { $0.key < $1.key }) {
            entropySum += terms.entropies?.reduce(0, +) ?? 0
            entropyCount += terms.logprobs.count
            if let reference = terms.referenceLogprobs {
                klSum += zip(terms.logprobs, reference).reduce(0) { $0 + $1.0 - $1.1 }
                klCount += 1
            }
            fit.add(terms)
            // The same weights sampled and score it: any difference is rounding.
            if let old = terms.oldLogprobs, batch.sequences[member].policyVersion == policyVersion {
                let largest = zip(terms.logprobs, old).map { abs($0 - $1) }.max() ?? 0
                parity = max(parity ?? 0, largest)
            }
        }
    }

    func metrics(norm: Double, learningRate: Double) -> [String: Double] {
        var metrics = result.metrics
        metrics["policy/loss"] = result.loss
        metrics["optimizer/gradient_norm"] = norm
        metrics["optimizer/learning_rate"] = learningRate
        metrics["update/tokens"] = Double(tokenCount)
        if entropyCount > 0 { metrics["policy/entropy"] = entropySum / Double(entropyCount) }
        if klCount > 0 { metrics["policy/kl"] = klSum / Double(klCount) }
        if let parity { metrics["parity/logprob_abs_diff_max"] = parity }
        if let explained = fit.explainedVariance {
            metrics["value/explained_variance"] = explained
        }
        return metrics
    }
}

/// How well the value head's estimates agree with their targets.
private struct ValueFit {
    private var count = 0.0
    private var (sum, squares) = (0.0, 0.0)
    private var (errorSum, errorSquares) = (0.0, 0.0)

    mutating func add(_ terms: SequenceTerms) {
        guard let values = terms.values, let returns = terms[tokens: .returns] else { return }
        for (index, pair) in zip(returns, values).enumerated() where terms.mask?[index] != 0 {
            count += 1
            sum += pair.0
            squares += pair.0 * pair.0
            errorSum += pair.0 - pair.1
            errorSquares += (pair.0 - pair.1) * (pair.0 - pair.1)
        }
    }

    /// 1 − Var(returns − values) / Var(returns); `nil` where the returns do not vary.
    var explainedVariance: Double? {
        guard count > 1 else { return nil }
        let variance = squares / count - sum / count * (sum / count)
        let error = errorSquares / count - errorSum / count * (errorSum / count)
        return variance > 1e-12 * max(1, squares / count) ? 1 - error / variance : nil
    }
}
