import Foundation
import Kernels

/// Softmax attention, one query and one head at a time, over the keys that a segment names.
struct AttentionReference {
    let shape: AttentionShape
    let segments: [AttentionSegment]

    struct Output {
        var out: Matrix
        var logSumExp: Matrix
    }

    /// Rows of the keys that query `index` of `segment` sees.
    static func visible(_ segment: AttentionSegment, _ index: Int) -> [Int] {
        let own = segment.keyCount - segment.queryCount + index + 1
        return Array(segment.prefixStart..<segment.prefixStart + segment.prefixCount)
            + Array(segment.keyStart..<segment.keyStart + own)
    }

    func forward(_ q: Matrix, _ keys: Matrix, _ values: Matrix) -> Output {
        var output = Output(
            out: Matrix(q.rows, q.columns),
            logSumExp: Matrix(q.rows, shape.headCount)
        )
        each { row, head, visible in
            let (p, lse) = probabilities(q, keys, row, head, visible)
            output.logSumExp[row, head] = lse
            for (weight, key) in zip(p, visible) {
                for channel in 0..<shape.headSize {
                    output.out[row, head * shape.headSize + channel] +=
                        weight * values[key, keyChannel(head) + channel]
                }
            }
        }
        return output
    }

    func backward(
        _ dout: Matrix,
        _ q: Matrix,
        _ keys: Matrix,
        _ values: Matrix
    ) -> (dq: Matrix, dKeys: Matrix, dValues: Matrix) {
        var dq = Matrix(q.rows, q.columns)
        var (dKeys, dValues) = (Matrix(keys.rows, keys.columns), Matrix(keys.rows, keys.columns))
        each { row, head, visible in
            let (p, _) = probabilities(q, keys, row, head, visible)
            let (query, base) = (head * shape.headSize, keyChannel(head))
            let dp = visible.map { key in
                (0..<shape.headSize).reduce(0.0) {
                    $0 + dout[row, query + $1] * values[key, base + $1]
                }
            }
            let mean = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
            for (index, key) in visible.enumerated() {
                let ds = p[index] * (dp[index] - mean) * scale
                for channel in 0..<shape.headSize {
                    dq[row, query + channel] += ds * keys[key, base + channel]
                    dKeys[key, base + channel] += ds * q[row, query + channel]
                    dValues[key, base + channel] += p[index] * dout[row, query + channel]
                }
            }
        }
        return (dq, dKeys, dValues)
    }

    private var scale: Double { 1 / Double(shape.headSize).squareRoot() }

    private func keyChannel(_ head: Int) -> Int {
        head / (shape.headCount / shape.keyValueHeadCount) * shape.headSize
    }

    private func each(_ body: (_ row: Int, _ head: Int, _ visible: [Int]) -> Void) {
        for segment in segments {
            for index in 0..<segment.queryCount {
                let visible = Self.visible(segment, index)
                for head in 0..<shape.headCount { body(segment.queryStart + index, head, visible) }
            }
        }
    }

    private func probabilities(
        _ q: Matrix,
        _ keys: Matrix,
        _ row: Int,
        _ head: Int,
        _ visible: [Int]
    ) -> ([Double], Double) {
        let scores = visible.map { key in
            var sum = 0.0
            for channel in 0..<shape.headSize {
                sum +=
                    q[row, head * shape.headSize + channel] * keys[key, keyChannel(head) + channel]
            }
            return sum * scale
        }
        let maximum = scores.max() ?? 0
        let lse = maximum + log(scores.reduce(0) { $0 + exp($1 - maximum) })
        return (scores.map { exp($0 - lse) }, lse)
    }
}
