import Foundation
import Kernels

/// The distribution a request draws from: temperature, then top-k, then top-p, then min-p, each on
/// what the one before has left.
struct DrawReference {
    /// Kept tokens and their probabilities, likeliest first.
    let kept: [(token: Int, probability: Double)]

    init(_ logits: [Double], _ request: DrawRequest) {
        let scaled = logits.map { $0 / Double(request.temperature) }
        let maximum = scaled.max() ?? 0
        let weights = scaled.map { exp($0 - maximum) }
        var order = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
        if request.topK > 0 { order = Array(order.prefix(request.topK)) }
        if request.topP < 1 {
            let total = order.reduce(0) { $0 + weights[$1] }
            var mass = 0.0
            var count = 0
            for token in order where mass < Double(request.topP) * total {
                mass += weights[token]
                count += 1
            }
            order = Array(order.prefix(count))
        }
        order = order.filter { weights[$0] >= Double(request.minP) }
        let sum = order.reduce(0) { $0 + weights[$1] }
        kept = order.map { ($0, weights[$0] / sum) }
    }

    func probability(_ token: Int32) -> Double? {
        kept.first { $0.token == Int(token) }?.probability
    }
}
