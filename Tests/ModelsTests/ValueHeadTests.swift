import Domain
import Foundation
import Kernels
import Models
import Testing

/// The value head against plain formulas in double: value = w · x/rms(x) · norm + b.
@Suite struct `Value head` {
    /// Made-up states, weights and slopes, small enough to differentiate by hand.
    private struct Example {
        let golden: GoldenModel
        let model: Transformer
        let head: ValueHead
        let states: [Float]
        let rows: [Int32] = [2, 0, 2]
        let slopes: [Float] = [0.7, -1.3, 0.4]
        var width: Int { golden.configuration.hiddenSize }

        init() throws {
            golden = try GoldenModel("tiny-llama-tied")
            model = try Transformer(
                golden.configuration,
                backend: CPUBackend(threadCount: 2),
                weights: golden.weights
            )
            head = ValueHead(model)
            let width = golden.configuration.hiddenSize
            head.weights.tensor("value_head.weight")?
                .assign((0..<width).map { Float(sin(Double($0) * 1.7)) })
            head.weights.tensor("value_head.bias")?.assign([0.25])
            states = (0..<3 * width).map { Float(cos(Double($0) * 0.9) * 2) }
        }

        /// Σ slope · value over the chosen rows, for given states, weight and bias.
        func loss(_ states: [Double], _ weight: [Double], _ bias: Double) -> Double {
            let norm = (golden.weights.tensor("model.norm.weight")?.hostCopy() ?? []).map {
                Double($0)
            }
            return zip(rows, slopes).reduce(0) { sum, item in
                let start = Int(item.0) * width
                let x = states[start..<start + width]
                let squares = x.reduce(0) { $0 + $1 * $1 } / Double(width)
                let scale = 1 / (squares + golden.configuration.normEpsilon).squareRoot()
                let value = zip(zip(x, norm), weight).reduce(bias) {
                    $0 + $1.0.0 * scale * $1.0.1 * $1.1
                }
                return sum + Double(item.1) * value
            }
        }

        var residual: Tensor {
            let tensor = Tensor(rows: 3, columns: width)
            tensor.assign(states)
            return tensor
        }
    }

    @Test func `values and all gradients equal the formula's and its central differences`() throws {
        let example = try Example()
        let output = example.head.forward(example.residual, rows: example.rows)
        let dResidual = Tensor(rows: 3, columns: example.width)
        example.head.backward(output, dValues: example.slopes, into: dResidual)
        let states = example.states.map { Double($0) }
        let weight = (example.head.weights.tensor("value_head.weight")?.hostCopy() ?? [])
            .map { Double($0) }
        let loss = zip(output.values, example.slopes).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(loss - example.loss(states, weight, 0.25)) < 1e-5)

        func slope(_ values: [Double], _ index: Int, _ body: ([Double]) -> Double) -> Double {
            var (up, down) = (values, values)
            up[index] += 1e-5
            down[index] -= 1e-5
            return (body(up) - body(down)) / 2e-5
        }
        for (index, found) in dResidual.hostCopy().enumerated() {
            let expected = slope(states, index) { example.loss($0, weight, 0.25) }
            #expect(abs(Double(found) - expected) < 1e-5)
        }
        let dWeight = example.head.gradients.tensor("value_head.weight")?.hostCopy() ?? []
        #expect(dWeight.count == example.width)
        for (index, found) in dWeight.enumerated() {
            let expected = slope(weight, index) { example.loss(states, $0, 0.25) }
            #expect(abs(Double(found) - expected) < 1e-5)
        }
        let dBias = example.head.gradients.tensor("value_head.bias")?.hostCopy().first ?? .nan
        #expect(abs(dBias - example.slopes.reduce(0, +)) < 1e-6)
    }
}
