import CKernels
import Glibc

// Log-softmax over the vocabulary, and drawing from it.
extension CPUBackend {
    /// Log-probability of each row's target and entropy of the row, nat; rows are split over
    /// threads.
    public func logSoftmax(
        _ logits: Tensor,
        targets: ArraySlice<Int32>,
        lse: Tensor,
        logprobs: Tensor,
        entropies: Tensor
    ) {
        precondition(targets.count == logits.rows)
        precondition(targets.allSatisfy { $0 >= 0 && Int($0) < logits.columns })
        targets.withUnsafeBufferPointer { targets in
            guard let start = targets.baseAddress else { return }
            let box = Shared(start)
            pool.run(count: logits.rows, grain: 1) { range, _ in
                ck_log_softmax(
                    logits.row(range.lowerBound),
                    logits.stride,
                    range.count,
                    logits.columns,
                    box.pointer + range.lowerBound,
                    lse.pointer + range.lowerBound,
                    logprobs.pointer + range.lowerBound,
                    entropies.pointer + range.lowerBound
                )
            }
        }
    }

    /// Overwrites the logits with ∂loss/∂logits, given ∂loss of log-probabilities and entropies.
    public func logSoftmaxBackward(
        _ logits: Tensor,
        targets: ArraySlice<Int32>,
        lse: Tensor,
        entropies: Tensor,
        dLogprobs: Tensor,
        dEntropies: Tensor
    ) {
        precondition(targets.count == logits.rows)
        targets.withUnsafeBufferPointer { targets in
            guard let start = targets.baseAddress else { return }
            let box = Shared(start)
            pool.run(count: logits.rows, grain: 1) { range, _ in
                ck_log_softmax_backward(
                    logits.row(range.lowerBound),
                    logits.stride,
                    range.count,
                    logits.columns,
                    box.pointer + range.lowerBound,
                    lse.pointer + range.lowerBound,
                    entropies.pointer + range.lowerBound,
                    dLogprobs.pointer + range.lowerBound,
                    dEntropies.pointer + range.lowerBound
                )
            }
        }
    }

    /// Draws one token for each request from the row at the same place in `rows`.
    ///
    /// A penalty changes the logits of its tokens in place and puts them back, so that those who
    /// share a row see it as it is: they draw one after another.
    public func draw(_ logits: Tensor, rows: [Int32], requests: [DrawRequest]) -> [Draw] {
        precondition(requests.count == rows.count)
        precondition(rows.allSatisfy { $0 >= 0 && Int($0) < logits.rows })
        let empty = Draw(token: 0, logprob: 0, samplingLogprob: 0)
        return [Draw](unsafeUninitializedCapacity: requests.count) { buffer, initialised in
            buffer.initialize(repeating: empty)
            initialised = requests.count
            let out = Writable(buffer)
            // Without penalties nothing is written, and all draw at the same time.
            let turns =
                requests.contains { $0.penalty != nil } ? Self.turns(rows) : nil
            pool.run(count: turns?.count ?? requests.count, grain: 1) { range, _ in
                for place in turns.map({ Array($0[range].joined()) }) ?? Array(range) {
                    let values = UnsafeMutableBufferPointer(
                        start: logits.row(Int(rows[place])),
                        count: logits.columns
                    )
                    out.buffer[place] = drawPenalised(values, requests[place])
                }
            }
        }
    }
}

extension CPUBackend {
    /// The places of each row: those that share one draw in turn.
    private static func turns(_ rows: [Int32]) -> [[Int]] {
        Dictionary(grouping: rows.indices) { rows[$0] }.values.sorted { $0[0] < $1[0] }
    }
}

/// A buffer whose parts a parallel loop fills, each index from one thread.
///
/// `@unchecked Sendable`: see above.
struct Writable<Element>: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Element>
    init(_ buffer: UnsafeMutableBufferPointer<Element>) { self.buffer = buffer }
}

/// Draws after the request's penalty, and leaves the row as it was.
private func drawPenalised(_ row: UnsafeMutableBufferPointer<Float>, _ request: DrawRequest) -> Draw
{
    let logits = UnsafeBufferPointer(row)
    guard let penalty = request.penalty, let start = logits.baseAddress else {
        return drawToken(logits, request)
    }
    let maximum = row[ck_argmax(start, row.count)]
    let logSum = log(ck_exp_sum(start, row.count, maximum, 1))
    let tokens = penalty.tokens.filter { row.indices.contains(Int($0)) }
    let before = tokens.map { row[Int($0)] }
    for token in tokens { row[Int(token)] = penalty.applied(to: row[Int(token)]) }
    var draw = drawToken(logits, request)
    for (token, logit) in zip(tokens, before) { row[Int(token)] = logit }
    draw.logprob = Float(Double(row[Int(draw.token)] - maximum) - logSum)
    return draw
}

func drawToken(_ row: UnsafeBufferPointer<Float>, _ request: DrawRequest) -> Draw {
    guard let start = row.baseAddress else { preconditionFailure("empty vocabulary") }
    let best = ck_argmax(start, row.count)
    let maximum = row[best]
    let logSum = log(ck_exp_sum(start, row.count, maximum, 1))
    func logprob(_ token: Int) -> Float { Float(Double(row[token] - maximum) - logSum) }
    // Below the normal numbers 1 / temperature is infinite, and its product with 0 not a number.
    if request.temperature < .leastNormalMagnitude {
        return Draw(token: Int32(best), logprob: logprob(best), samplingLogprob: 0)
    }
    let inverse = 1 / request.temperature
    if request.keepsAll {
        let sum = ck_exp_sum(start, row.count, maximum, inverse)
        let token = ck_exp_draw(start, row.count, maximum, inverse, request.uniform * sum)
        let scaled = Double((row[token] - maximum) * inverse) - log(sum)
        return Draw(token: Int32(token), logprob: logprob(token), samplingLogprob: Float(scaled))
    }
    let (token, samplingLogprob) = drawTruncated(row, request, maximum: maximum)
    return Draw(token: Int32(token), logprob: logprob(token), samplingLogprob: samplingLogprob)
}

/// Draws from the candidates that top-k, then top-p, then min-p leave, likeliest first.
private func drawTruncated(
    _ row: UnsafeBufferPointer<Float>,
    _ request: DrawRequest,
    maximum: Float
) -> (token: Int, logprob: Float) {
    let inverse = Double(1 / request.temperature)
    func weight(_ token: Int) -> Double { exp(Double(row[token] - maximum) * inverse) }
    var total = 0.0
    for token in row.indices { total += weight(token) }
    // Below this logit nothing can be kept: min-p's own bound, and 1e-9 of the mass at most. Where
    // top-p is a share of top-k's mass, that mass counts what min-p drops: it has to wait.
    let minimum = request.minP > 0 ? log(Double(request.minP)) : -Double.infinity
    let waits = request.topK > 0 && request.topP < 1
    let floor = max(waits ? -.infinity : minimum, -log(Double(row.count)) - 20)
    var candidates = row.indices.filter { Double(row[$0] - maximum) * inverse >= floor }
    candidates.sort { row[$0] == row[$1] ? $0 < $1 : row[$0] > row[$1] }
    if request.topK > 0 && candidates.count > request.topK {
        candidates.removeLast(candidates.count - request.topK)
        total = candidates.reduce(0) { $0 + weight($1) }
    }
    if request.topP < 1 {
        var mass = 0.0
        var kept = 0
        for token in candidates {
            mass += weight(token)
            kept += 1
            if mass >= Double(request.topP) * total { break }
        }
        candidates.removeLast(candidates.count - kept)
    }
    if waits { candidates.removeAll { Double(row[$0] - maximum) * inverse < minimum } }
    let sum = candidates.reduce(0) { $0 + weight($1) }
    var running = 0.0
    for token in candidates {
        running += weight(token)
        if running > request.uniform * sum { return (token, Float(log(weight(token) / sum))) }
    }
    let last = candidates.last ?? 0
    return (last, Float(log(weight(last) / sum)))
}
