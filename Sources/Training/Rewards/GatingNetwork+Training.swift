import Domain
import Foundation

extension GatingNetwork {
    /// A pair as the gate sees it: the prompt, and by how much the chosen leads in each attribute.
    struct Lesson {
        var prompt: [Double]?
        var leads: [Double]
        /// The probability that the chosen one is truly the better one.
        var probability = 1.0
    }

    /// Pairs of one step.
    private static let batchSize = 64

    /// Trains by Bradley–Terry on pairs: -p log σ(Δ) - (1 - p) log σ(-Δ), Δ = Σ g_i(x) (lead in i).
    ///
    /// Adam (Kingma & Ba 2015) with its usual rates, falling to zero along a cosine.
    mutating func train(on lessons: [Lesson], steps: Int, seed: UInt64) {
        guard !lessons.isEmpty else { return }
        var first = [Double](repeating: 0, count: parameters.count)
        var second = first
        var random = PhiloxSequence(seed: seed, stream: 0x6761_7465_73)
        var order: [Int] = []
        for step in 0..<steps {
            if order.isEmpty { order = lessons.indices.shuffled(using: &random) }
            let batch = order.suffix(Self.batchSize)
            order.removeLast(batch.count)
            let gradient = gradient(batch.map { lessons[$0] })
            let rate = 1e-3 * (1 + cos(Double.pi * Double(step) / Double(steps))) / 2
            let (decay1, decay2) = (
                1 - pow(0.9, Double(step + 1)), 1 - pow(0.999, Double(step + 1))
            )
            for index in parameters.indices {
                let slope = gradient[index]
                first[index] = 0.9 * first[index] + 0.1 * slope
                second[index] = 0.999 * second[index] + 0.001 * slope * slope
                let size = (second[index] / decay2).squareRoot() + 1e-8
                parameters[index] -= rate * first[index] / decay1 / size
            }
        }
    }

    /// The derivatives of the mean loss of some pairs.
    func gradient(_ lessons: [Lesson]) -> [Double] {
        var gradient = [Double](repeating: 0, count: parameters.count)
        for lesson in lessons {
            let pass = forward(lesson.prompt)
            let lead = dot(pass.weights, lesson.leads)
            let slope = (1 - lesson.probability - sigmoid(-lead)) / Double(lessons.count)
            backward(pass, lesson.leads.map { $0 * slope }, into: &gradient)
        }
        return gradient
    }

    /// The mean loss of some pairs.
    func loss(_ lessons: [Lesson]) -> Double {
        lessons.reduce(0) { sum, lesson in
            let lead = dot(forward(lesson.prompt).weights, lesson.leads)
            return sum + softplus(-lead) + (1 - lesson.probability) * lead
        } / Double(max(1, lessons.count))
    }
}
