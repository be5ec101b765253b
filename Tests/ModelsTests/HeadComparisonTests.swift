import Domain
import Foundation
import Kernels
import Testing

@testable import Models

/// A head in double: final norm, output matrix, softmax.
private struct NaiveHead {
    let norm: [Double]
    let output: [[Double]]
    let epsilon: Double

    init(_ weights: ParameterArena, _ configuration: ModelConfiguration) {
        func rows(_ name: String) -> [[Double]] {
            guard let tensor = weights.tensor(name) else { return [] }
            let values = tensor.hostCopy().map { Double($0) }
            return (0..<tensor.rows).map {
                Array(values[$0 * tensor.columns..<($0 + 1) * tensor.columns])
            }
        }
        norm = rows("model.norm.weight")[0]
        output = rows(configuration.outputMatrixName)
        epsilon = configuration.normEpsilon
    }

    func logits(_ x: [Double]) -> [Double] {
        let squares = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
        let scale = 1 / (squares + epsilon).squareRoot()
        let normed = zip(x, norm).map { $0 * scale * $1 }
        return output.map { zip($0, normed).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    static func logSoftmax(_ logits: [Double]) -> [Double] {
        let maximum = logits.max() ?? 0
        let lse = maximum + log(logits.reduce(0) { $0 + exp($1 - maximum) })
        return logits.map { $0 - lse }
    }
}

/// Four heads over made-up residual streams: policy, reference, teacher and contrast.
private struct Example {
    let configuration: ModelConfiguration
    let models: [Transformer]
    let heads: [LanguageHead]
    let naive: [NaiveHead]
    /// One stream each, (5, hidden).
    let streams: [[Float]]
    static let streamRows = 5
    let gradients: ParameterArena
    let strength: Double

    init(strength: Double = 10) throws {
        let golden = try GoldenModel("tiny-llama-untied")
        configuration = golden.configuration
        self.strength = strength
        let backend = CPUBackend(threadCount: 2)
        let gradients = ParameterArena(golden.weights.table)
        var models: [Transformer] = []
        for index in 0..<4 {
            let weights = ParameterArena(golden.weights.table)
            let values = golden.weights.all.hostCopy()
            weights.all.assign(
                values.enumerated().map { place, value in
                    value + 0.05 * Float(index) * Float(sin(Double(place) * 0.37))
                }
            )
            models.append(
                try Transformer(
                    golden.configuration,
                    backend: backend,
                    weights: weights,
                    gradients: index == 0 ? gradients : nil
                )
            )
        }
        self.gradients = gradients
        self.models = models
        heads = try models.map { try LanguageHead($0) }
        naive = models.map { NaiveHead($0.weights, golden.configuration) }
        let count = Self.streamRows * configuration.hiddenSize
        streams = (0..<4).map { index in
            (0..<count).map { Float(cos(Double($0) * 0.9 + 0.2 * Double(index)) * 2) }
        }
    }

    func stream(_ index: Int) -> Tensor {
        let tensor = Tensor(rows: Self.streamRows, columns: configuration.hiddenSize)
        tensor.assign(streams[index])
        return tensor
    }

    var comparison: HeadComparison {
        var comparison = HeadComparison()
        comparison.includesCollisions = true
        comparison.reference = .init(head: heads[1], residual: stream(1))
        comparison.teacher = .init(head: heads[2], residual: stream(2))
        comparison.contrast = .init(head: heads[3], residual: stream(3))
        comparison.strength = strength
        comparison.leastWeight = 0.001
        return comparison
    }

    /// The fields of one row, for a residual stream of the policy.
    func fields(_ row: Int, policy: [Double]) -> [DistributionField: Double] {
        let width = configuration.hiddenSize
        func logits(_ index: Int) -> [Double] {
            let stream = index == 0 ? policy : streams[index].map { Double($0) }
            return naive[index].logits(Array(stream[row * width..<(row + 1) * width]))
        }
        func kl(_ p: [Double], _ q: [Double]) -> Double {
            zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        }
        let (p, r) = (NaiveHead.logSoftmax(logits(0)), NaiveHead.logSoftmax(logits(1)))
        let (t, a) = (logits(2), logits(3))
        let distance = zip(NaiveHead.logSoftmax(t), NaiveHead.logSoftmax(a)).reduce(0) {
            $0 + abs(exp($1.0) - exp($1.1))
        }
        let weight = strength * distance + 1e-3
        let mixed = NaiveHead.logSoftmax(zip(t, a).map { $0 + weight * ($0 - $1) })
        return [
            .reverseKL: kl(p, r), .forwardKL: kl(r, p), .teacherKL: kl(p, mixed),
            .collisions: p.reduce(0) { $0 + exp(2 * $1) }, .teacherDistances: distance,
        ]
    }
}

@Suite struct `Comparisons of whole distributions` {
    private static let rows: [Int32] = [4, 0, 2, 2, 1]
    private static let targets: [Int32] = [5, 80, 3, 41, 9]

    private func slopes(_ count: Int, _ phase: Double) -> [Float] {
        (0..<count).map { Float(sin(Double($0) * 1.3 + phase)) }
    }

    private func dFields(
        _ fields: [DistributionField],
        _ count: Int
    ) -> [DistributionField: [Float]] {
        var result: [DistributionField: [Float]] = [:]
        for field in fields {
            let phase = Double(DistributionField.allCases.firstIndex(of: field) ?? 0)
            result[field] = slopes(count, phase)
        }
        return result
    }

    @Test func `every field is what its formula gives`() throws {
        let example = try Example()
        let output = example.heads[0].forward(
            example.stream(0),
            rows: Self.rows,
            targets: Self.targets,
            comparison: example.comparison
        )
        #expect(Set(output.fields.keys) == Set(DistributionField.allCases))
        for (index, row) in Self.rows.enumerated() {
            let stream = example.streams[0].map { Double($0) }
            for (field, expected) in example.fields(Int(row), policy: stream) {
                let found = Double(output.fields[field]?[index] ?? .nan)
                #expect(abs(found - expected) < 2e-5 * max(0.1, abs(expected)), "\(field)")
            }
        }
    }

    /// Against central differences of the formulas in double, each field alone and all together.
    @Test(
        arguments: [
            [DistributionField.reverseKL], [.forwardKL], [.collisions], [.teacherKL],
            [.reverseKL, .forwardKL, .collisions, .teacherKL],
        ]
    )
    func `gradients reach the residual stream`(fields: [DistributionField]) throws {
        let example = try Example()
        let output = example.heads[0].forward(
            example.stream(0),
            rows: Self.rows,
            targets: Self.targets,
            comparison: example.comparison
        )
        let count = Self.rows.count
        let slopes = dFields(fields, count)
        let dResidual = Tensor(rows: Example.streamRows, columns: example.configuration.hiddenSize)
        let none = [Float](repeating: 0, count: count)
        example.heads[0].backward(
            output,
            dLogprobs: none,
            dEntropies: none,
            dFields: slopes,
            into: dResidual
        )
        func loss(_ stream: [Double]) -> Double {
            Self.rows.enumerated().reduce(0) { sum, item in
                let values = example.fields(Int(item.element), policy: stream)
                return slopes.reduce(sum) {
                    $0 + Double($1.value[item.offset]) * (values[$1.key] ?? .nan)
                }
            }
        }
        let stream = example.streams[0].map { Double($0) }
        let found = dResidual.hostCopy()
        let largest = found.map { abs($0) }.max() ?? 0
        #expect(largest > 0.001)
        // Every seventh element meets every row and every channel's phase.
        for index in Swift.stride(from: 0, to: stream.count, by: 7) {
            var (up, down) = (stream, stream)
            up[index] += 1e-5
            down[index] -= 1e-5
            let expected = (loss(up) - loss(down)) / 2e-5
            #expect(abs(Double(found[index]) - expected) < 2e-5 * Double(max(1, largest)))
        }
    }

    @Test func `what is not asked for leaves every bit as it was`() throws {
        let count = Self.rows.count
        let (dLogprobs, dEntropies) = (slopes(count, 0.4), slopes(count, 0.8))
        let results = try [false, true].map { compares in
            let example = try Example()
            let head = example.heads[0]
            let output = head.forward(
                example.stream(0),
                rows: Self.rows,
                targets: Self.targets,
                comparison: compares ? example.comparison : HeadComparison()
            )
            #expect(output.fields.isEmpty == !compares)
            let dResidual = Tensor(
                rows: Example.streamRows,
                columns: example.configuration.hiddenSize
            )
            head.backward(
                output,
                dLogprobs: dLogprobs,
                dEntropies: dEntropies,
                dFields: compares ? [.reverseKL: Array(repeating: 0, count: count)] : [:],
                into: dResidual
            )
            return output.logprobs + output.entropies + dResidual.hostCopy()
                + example.gradients.all.hostCopy()
        }
        #expect(results[0] == results[1])
    }

    /// 300 rows are two chunks of logits.
    @Test func `chunks give what their rows give alone`() throws {
        let example = try Example()
        let count = 300
        #expect(LanguageHead.chunkRows(example.configuration) < count)
        let rows = (0..<count).map { Int32($0 * 3 % Example.streamRows) }
        let targets = (0..<count).map { Int32($0 % 90) }
        let all: [DistributionField] = [.reverseKL, .forwardKL, .collisions, .teacherKL]
        func run(_ range: Range<Int>, into dResidual: Tensor) -> HeadOutputs {
            let output = example.heads[0].forward(
                example.stream(0),
                rows: Array(rows[range]),
                targets: Array(targets[range]),
                comparison: example.comparison
            )
            example.heads[0].backward(
                output,
                dLogprobs: Array(slopes(count, 0.4)[range]),
                dEntropies: Array(slopes(count, 0.8)[range]),
                dFields: dFields(all, count).mapValues { Array($0[range]) },
                into: dResidual
            )
            return output.fields
        }
        let width = example.configuration.hiddenSize
        let (whole, parts) = (
            Tensor(rows: Example.streamRows, columns: width),
            Tensor(rows: Example.streamRows, columns: width)
        )
        let together = run(0..<count, into: whole)
        let ranges = [0..<100, 100..<250, 250..<count]
        let apart = ranges.map { run($0, into: parts) }
        for field in DistributionField.allCases {
            #expect(together[field] == apart.flatMap { $0[field] ?? [] })
        }
        // The same terms, added in another order.
        #expect(relativeDifference(parts.hostCopy(), whole.hostCopy()) < 1e-5)
    }

    private typealias HeadOutputs = [DistributionField: [Float]]

    @Test func `a teacher without a contrast stays what it is`() throws {
        let example = try Example(strength: 0)
        var comparison = HeadComparison()
        comparison.teacher = example.comparison.reference
        let output = example.heads[0].forward(
            example.stream(0),
            rows: Self.rows,
            targets: Self.targets,
            comparison: comparison
        )
        var expected = HeadComparison()
        expected.reference = example.comparison.reference
        let plain = example.heads[0].forward(
            example.stream(0),
            rows: Self.rows,
            targets: Self.targets,
            comparison: expected
        )
        #expect(output.fields[.teacherKL] == plain.fields[.reverseKL])
        #expect(output.fields[.teacherDistances] == [0, 0, 0, 0, 0])
        #expect(Set(output.fields.keys) == [.teacherKL, .teacherDistances])
    }
}
