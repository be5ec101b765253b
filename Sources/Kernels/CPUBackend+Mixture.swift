import CKernels
import Glibc

// Drawing from two models at once.
extension CPUBackend {
    /// One token for each request from the mixture of its row's two distributions.
    public func draw(
        _ logits: Tensor,
        mixedWith others: Tensor,
        rows: [Int32],
        requests: [DrawRequest],
        shares: [Float]
    ) -> [Draw] {
        precondition(requests.count == rows.count && shares.count == rows.count)
        precondition(logits.columns == others.columns)
        precondition(rows.allSatisfy { $0 >= 0 && Int($0) < min(logits.rows, others.rows) })
        let empty = Draw(token: 0, logprob: 0, samplingLogprob: 0)
        return [Draw](unsafeUninitializedCapacity: requests.count) { buffer, initialised in
            buffer.initialize(repeating: empty)
            initialised = requests.count
            let out = Writable(buffer)
            pool.run(count: requests.count, grain: 1) { range, _ in
                for place in range {
                    let row = Int(rows[place])
                    out.buffer[place] = drawMixed(
                        UnsafeBufferPointer(start: logits.row(row), count: logits.columns),
                        UnsafeBufferPointer(start: others.row(row), count: logits.columns),
                        share: shares[place],
                        requests[place]
                    )
                }
            }
        }
    }
}

/// A mixture of distributions is one of logits: what each of them is off by falls out of the softmax.
private func drawMixed(
    _ row: UnsafeBufferPointer<Float>,
    _ other: UnsafeBufferPointer<Float>,
    share: Float,
    _ request: DrawRequest
) -> Draw {
    guard let start = row.baseAddress, let otherStart = other.baseAddress else {
        preconditionFailure("empty vocabulary")
    }
    let maximum = row[ck_argmax(start, row.count)]
    let otherMaximum = other[ck_argmax(otherStart, other.count)]
    let mixed = [Float](unsafeUninitializedCapacity: row.count) { buffer, count in
        for token in row.indices {
            let (own, others) = (row[token] - maximum, other[token] - otherMaximum)
            buffer[token] = (1 - share) * own + share * others
        }
        for token in request.penalty?.tokens ?? [] where row.indices.contains(Int(token)) {
            let own = request.penalty?.applied(to: row[Int(token)]) ?? row[Int(token)]
            let others = request.penalty?.applied(to: other[Int(token)]) ?? other[Int(token)]
            buffer[Int(token)] = (1 - share) * (own - maximum) + share * (others - otherMaximum)
        }
        count = row.count
    }
    var draw = mixed.withUnsafeBufferPointer { drawToken($0, request) }
    let logSum = log(ck_exp_sum(start, row.count, maximum, 1))
    draw.logprob = Float(Double(row[Int(draw.token)] - maximum) - logSum)
    return draw
}
