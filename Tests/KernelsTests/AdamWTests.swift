import Foundation
import Kernels
import Testing

/// PyTorch's AdamW (torch.optim.AdamW, `_single_tensor_adamw`), one number at a time in double.
struct AdamWReference {
    var parameter: Double
    var moment1 = 0.0
    var moment2 = 0.0

    mutating func step(_ gradient: Double, _ s: AdamWStep) {
        let (b1, b2) = (Double(s.beta1), Double(s.beta2))
        let g = gradient * Double(s.gradientScale)
        parameter *= 1 - Double(s.learningRate) * Double(s.weightDecay)
        moment1 = b1 * moment1 + (1 - b1) * g
        moment2 = b2 * moment2 + (1 - b2) * g * g
        let correction1 = 1 - pow(b1, Double(s.step))
        let correction2 = 1 - pow(b2, Double(s.step))
        let denominator = moment2.squareRoot() / correction2.squareRoot() + Double(s.epsilon)
        parameter -= Double(s.learningRate) / correction1 * moment1 / denominator
    }
}

@Suite struct `AdamW` {
    @Test(arguments: [1, 5, 20_000])
    func `steps agree with PyTorch's formula`(count: Int) {
        let start = Matrix.random(1, count, seed: 1)
        let gradients = (2...4).map { Matrix.random(1, count, seed: $0) }
        let steps = gradients.indices.map { index in
            AdamWStep(
                learningRate: 0.01,
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                weightDecay: index == 1 ? 0 : 0.1,
                step: index + 1,
                gradientScale: index == 2 ? 0.25 : 1
            )
        }
        var expected = start.elements.map { AdamWReference(parameter: $0) }
        for (gradient, step) in zip(gradients, steps) {
            for index in 0..<count { expected[index].step(gradient.elements[index], step) }
        }
        for threads in 1...3 {
            let backend = CPUBackend(threadCount: threads)
            let (p, m, v) = (start.tensor, Matrix(1, count).tensor, Matrix(1, count).tensor)
            for (gradient, step) in zip(gradients, steps) {
                backend.adamW(p, moment1: m, moment2: v, gradient: gradient.tensor, step: step)
            }
            // Parameters up to one round by 6e-8 a step; moments are short sums.
            #expect(difference(p, Matrix(1, count, expected.map { $0.parameter })) < 5e-7)
            #expect(difference(m, Matrix(1, count, expected.map { $0.moment1 })) < 5e-7)
            #expect(difference(v, Matrix(1, count, expected.map { $0.moment2 })) < 5e-7)
        }
    }

    @Test func `without a gradient only weight decay moves a parameter`() {
        let start = Matrix(1, 3, [1, -2, 0.5])
        let (p, m, v) = (start.tensor, Matrix(1, 3).tensor, Matrix(1, 3).tensor)
        let step = AdamWStep(
            learningRate: 0.5,
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-8,
            weightDecay: 0.5,
            step: 1,
            gradientScale: 1
        )
        CPUBackend(threadCount: 1)
            .adamW(p, moment1: m, moment2: v, gradient: Matrix(1, 3).tensor, step: step)
        #expect(difference(p, Matrix(1, 3, [0.75, -1.5, 0.375])) < 1e-7)
    }
}
