import Domain
import Foundation
import Objectives

/// Weights of attributes as a function of the prompt: a small network with two hidden layers, its
/// softmax times a scale (ArmoRM, arXiv 2406.12845, section 2.3).
struct GatingNetwork: Sendable, Hashable {
    /// Sizes of the layers: features, two hidden ones, attributes.
    let sizes: [Int]
    /// What the logits are divided by.
    let temperature: Double
    /// Weights and biases, layer after layer, then the logarithm of the scale.
    var parameters: [Double]
    /// Mean and inverse deviation of each feature.
    var shift: [Double]
    var factor: [Double]

    /// How many parameters layers of these sizes have.
    static func parameterCount(_ sizes: [Int]) -> Int {
        zip(sizes, sizes.dropFirst()).reduce(1) { $0 + ($1.0 + 1) * $1.1 }
    }

    /// A network that weighs all attributes alike, standardised on these features.
    init(
        _ settings: RewardHead.Attributes,
        attributes: Int,
        features: [[Double]],
        seed: UInt64
    ) {
        let width = features.first?.count ?? 0
        sizes = [width, settings.gatingWidth, settings.gatingWidth, attributes]
        temperature = settings.gatingTemperature
        parameters = Array(repeating: 0, count: Self.parameterCount(sizes))
        (shift, factor) = Self.moments(features, width)
        var random = PhiloxSequence(seed: seed, stream: 0x6761_7465)
        var offset = 0
        for layer in 0..<2 {
            // He et al. 2015: what keeps the size of rectified sums.
            let bound = (6 / Double(max(1, sizes[layer]))).squareRoot()
            for index in 0..<sizes[layer] * sizes[layer + 1] {
                parameters[offset + index] = Double.random(in: -bound...bound, using: &random)
            }
            offset += (sizes[layer] + 1) * sizes[layer + 1]
        }
    }

    /// A network as it was stored.
    init(sizes: [Int], temperature: Double, parameters: [Double], shift: [Double], factor: [Double])
    {
        self.sizes = sizes
        self.temperature = temperature
        self.parameters = parameters
        self.shift = shift
        self.factor = factor
    }

    /// Rounds everything to what a file of floats holds.
    mutating func round() {
        parameters = parameters.map { Double(Float($0)) }
        shift = shift.map { Double(Float($0)) }
        factor = factor.map { Double(Float($0)) }
    }

    private static func moments(
        _ features: [[Double]],
        _ width: Int
    ) -> (shift: [Double], factor: [Double]) {
        let count = Double(max(1, features.count))
        var mean = [Double](repeating: 0, count: width)
        for row in features { for index in 0..<width { mean[index] += row[index] / count } }
        var square = [Double](repeating: 0, count: width)
        for row in features {
            for index in 0..<width {
                square[index] += (row[index] - mean[index]) * (row[index] - mean[index]) / count
            }
        }
        return (mean, square.map { $0 > 1e-12 ? 1 / $0.squareRoot() : 0 })
    }

    /// What one prompt's layers hold.
    struct Pass {
        /// The input and the hidden layers after rectification.
        var layers: [[Double]]
        /// The softmax.
        var shares: [Double]
        /// The shares times the scale.
        var weights: [Double]
    }

    /// The weights of the attributes for a prompt of these features; `nil` is the mean prompt.
    func forward(_ features: [Double]?) -> Pass {
        let input = shift.indices.map { index in
            features.map { ($0[index] - shift[index]) * factor[index] } ?? 0
        }
        var layers = [input]
        var offset = 0
        for layer in 0..<2 {
            layers.append(product(layers[layer], layer, offset).map { max(0, $0) })
            offset += (sizes[layer] + 1) * sizes[layer + 1]
        }
        let shares = softmax(product(layers[2], 2, offset).map { $0 / temperature })
        let scale = exp(parameters[parameters.count - 1])
        return Pass(layers: layers, shares: shares, weights: shares.map { $0 * scale })
    }

    private func product(_ input: [Double], _ layer: Int, _ offset: Int) -> [Double] {
        let (rows, columns) = (sizes[layer + 1], sizes[layer])
        return parameters.withUnsafeBufferPointer { parameters in
            (0..<rows).map { row in
                var sum = parameters[offset + rows * columns + row]
                let start = offset + row * columns
                for column in 0..<columns { sum += parameters[start + column] * input[column] }
                return sum
            }
        }
    }

    /// Adds the derivatives by the parameters, from those by the weights.
    func backward(_ pass: Pass, _ slopes: [Double], into gradient: inout [Double]) {
        gradient[gradient.count - 1] += dot(slopes, pass.weights)
        // Through the scale and the softmax.
        let scale = exp(parameters[parameters.count - 1])
        let mean = dot(slopes, pass.shares)
        var error = slopes.indices.map {
            scale * pass.shares[$0] * (slopes[$0] - mean) / temperature
        }
        var offset = parameters.count - 1
        for layer in [2, 1, 0] {
            let (rows, columns) = (sizes[layer + 1], sizes[layer])
            offset -= (columns + 1) * rows
            var below = [Double](repeating: 0, count: columns)
            let input = pass.layers[layer]
            for row in 0..<rows where error[row] != 0 {
                let start = offset + row * columns
                for column in 0..<columns {
                    gradient[start + column] += error[row] * input[column]
                    below[column] += error[row] * parameters[start + column]
                }
                gradient[offset + rows * columns + row] += error[row]
            }
            error = below.indices.map { input[$0] > 0 ? below[$0] : 0 }
        }
    }
}
