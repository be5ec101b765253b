import Foundation
import Kernels
import Testing

@Suite struct `Whole distributions` {
    /// As for log-softmax: a row's shift of up to 12 rounds by 7e-7.
    static let tolerance = 3e-6

    /// All terms at once; the first row has no divergences and no collisions.
    private func reference(_ rows: Int, _ columns: Int, scale: Float) -> DistributionReference {
        func slopes(_ seed: UInt64) -> Matrix {
            var slopes = Matrix.random(1, rows, seed: seed)
            slopes[0, 0] = 0
            return slopes
        }
        return DistributionReference(
            softmax: LogSoftmaxReference(
                targets: (0..<rows).map { Int32(($0 * 31 + columns - 1) % columns) },
                dLogprobs: .random(1, rows, seed: 3),
                dEntropies: slopes(2)
            ),
            dCollisions: slopes(5),
            others: (0..<2).map { index in
                .init(
                    logits: .random(rows, columns, seed: 11 + UInt64(index), scale: scale),
                    dReverse: slopes(6 + UInt64(index)),
                    dForward: slopes(8 + UInt64(index))
                )
            }
        )
    }

    @Test func `the reference's gradient is its central differences`() {
        let logits = Matrix.random(4, 6, seed: 1, scale: 2)
        let reference = reference(4, 6, scale: 2)
        let expected = centralDifferences(at: logits, reference.loss)
        #expect(
            difference(reference.backward(logits).elements, expected.elements) < centralTolerance
        )
    }

    @Test(arguments: [1, 2, 5], [2, 97, 512, 1023, 1500])
    func `divergences, collisions and all gradients agree`(rows: Int, columns: Int) {
        let logits = Matrix.random(rows, columns, seed: 4, scale: 6)
        let reference = reference(rows, columns, scale: 6)
        for threads in 1...3 {
            let run = Run(logits, reference, threads: threads)
            for (found, other) in zip(run.divergences, reference.others) {
                let (up, down) = DistributionReference.divergences(logits, other.logits)
                #expect(difference(found.reverse, Matrix(1, rows, up)) < Self.tolerance)
                #expect(difference(found.forward, Matrix(1, rows, down)) < Self.tolerance)
            }
            let collisions = Matrix(1, rows, DistributionReference.collisions(logits))
            #expect(difference(run.collisions, collisions) < Self.tolerance)
            #expect(difference(run.logits.view, reference.backward(logits)) < Self.tolerance)
            #expect(run.logits.isMarginUntouched && run.others.allSatisfy(\.isMarginUntouched))
        }
    }

    @Test(arguments: [1, 10, 64], [1, 7, 97, 1500])
    func `the mass of the likeliest tokens is that of the sorted probabilities`(
        count: Int,
        columns: Int
    ) {
        var logits = Matrix.random(3, columns, seed: 14, scale: 6)
        // Equal logits at the edge count as often as there is room for them.
        for column in 0..<columns { logits[1, column] = Double(column % 3) }
        let rows = (0..<3).map { LogSoftmaxReference.logProbabilities(logits.row($0)) }
        let expected = rows.map { row in
            row.sorted(by: >).prefix(count).reduce(0) { $0 + exp($1) }
        }
        let strided = Strided(logits)
        let masses = Tensor(rows: 1, columns: 3)
        let lse = Tensor(rows: 1, columns: 3)
        lse.assign((0..<3).map { Float(logits[$0, 0] - rows[$0][0]) })
        CPUBackend(threadCount: 2).topMass(strided.view, count: count, lse: lse, into: masses)
        #expect(difference(masses, Matrix(1, 3, expected)) < Self.tolerance)
        #expect(strided.isMarginUntouched)
        let found = CPUBackend(threadCount: 2).topTokens(strided.view, count: count, lse: lse)
        for (row, tokens) in found.enumerated() {
            #expect(tokens.count == min(count, columns))
            let mass = tokens.reduce(0) { $0 + exp(Double($1.logprob)) }
            #expect(abs(mass - expected[row]) < Self.tolerance)
            // Of equally likely tokens the lower id comes first.
            #expect(
                zip(tokens, tokens.dropFirst()).allSatisfy {
                    $0.logprob > $1.logprob || ($0.logprob == $1.logprob && $0.token < $1.token)
                }
            )
        }
    }

    @Test func `without slopes of its own it is log-softmax's backward`() {
        let (rows, columns) = (3, 700)
        let logits = Matrix.random(rows, columns, seed: 21, scale: 6)
        let softmax = reference(rows, columns, scale: 6).softmax
        let zeros = Matrix(1, rows)
        let run = Run(
            logits,
            DistributionReference(softmax: softmax, dCollisions: zeros, others: []),
            threads: 1
        )
        #expect(difference(run.logits.view, softmax.backward(logits)) < Self.tolerance)
    }

    @Test func `a distribution is at no distance from itself`() {
        let logits = Matrix.random(2, 1500, seed: 9, scale: 8)
        let (tensor, divergence) = (logits.tensor, Divergence(rows: 2))
        CPUBackend(threadCount: 1).divergence(tensor, from: logits.tensor, into: divergence)
        #expect(divergence.reverse.hostCopy() == [0, 0])
        #expect(divergence.forward.hostCopy() == [0, 0])
        let distances = Tensor(rows: 1, columns: 2)
        CPUBackend(threadCount: 1).mixTeacher(
            tensor,
            contrast: logits.tensor,
            strength: 10,
            floor: 0.001,
            distances: distances
        )
        #expect(distances.hostCopy() == [0, 0])
        #expect(tensor.hostCopy() == logits.tensor.hostCopy())
    }

    /// Policies that have hardly moved: the divergence is the square of a small change, and errs by
    /// the exponential's 1e-7 however large the logits are.
    @Test func `small divergences keep their digits`() {
        let logits = Matrix.random(1, 300, seed: 13, scale: 4)
        let moves = Matrix.random(1, 300, seed: 14, scale: 0.01)
        let moved = Matrix(1, 300, (logits + moves).elements.map { Double(Float($0)) })
        let divergence = Divergence(rows: 1)
        CPUBackend(threadCount: 1).divergence(moved.tensor, from: logits.tensor, into: divergence)
        let (up, down) = DistributionReference.divergences(moved, logits)
        #expect(up[0] > 1e-5 && up[0] < 1e-4)
        #expect(abs(Double(divergence.reverse.hostCopy()[0]) - up[0]) < 2e-7)
        #expect(abs(Double(divergence.forward.hostCopy()[0]) - down[0]) < 2e-7)
    }

    /// Each model is certain, of another token.
    @Test func `logits 10,000 apart give finite numbers`() {
        let logits = Matrix(2, 5, [1e4, 0, -1e4, 3, 5, -1e4, -1e4, -9999, 1e4, 2])
        let other = Matrix(2, 5, [-1e4, 1e4, 0, 2, 1, 1e4, 0, 7, -1e4, 9999])
        let ones = Matrix(1, 2, [1, 1])
        let reference = DistributionReference(
            softmax: LogSoftmaxReference(targets: [1, 3], dLogprobs: ones, dEntropies: ones),
            dCollisions: ones,
            others: [.init(logits: other, dReverse: ones, dForward: ones)]
        )
        let run = Run(logits, reference, threads: 1)
        let (up, down) = DistributionReference.divergences(logits, other)
        #expect(difference(run.divergences[0].reverse, Matrix(1, 2, up)) < Self.tolerance)
        #expect(difference(run.divergences[0].forward, Matrix(1, 2, down)) < Self.tolerance)
        #expect(difference(run.collisions, ones) < Self.tolerance)
        // float32 holds a log-sum-exp of 10,000 to 5e-4: probabilities err by as much.
        #expect(difference(run.logits.view, reference.backward(logits)) < 1e-3)
    }

    @Test(arguments: [0, 3, 1499])
    func `logits that are no numbers are not hidden`(place: Int) {
        let logits = Matrix.random(1, 1500, seed: 15, scale: 4)
        var broken = logits
        broken[0, place] = .nan
        let (backend, collisions) = (CPUBackend(threadCount: 1), Tensor(rows: 1, columns: 1))
        for (left, right) in [(logits, broken), (broken, logits)] {
            let divergence = Divergence(rows: 1)
            backend.divergence(left.tensor, from: right.tensor, into: divergence)
            #expect(divergence.reverse.hostCopy()[0].isNaN)
            #expect(divergence.forward.hostCopy()[0].isNaN)
            let distances = Tensor(rows: 1, columns: 1)
            backend.mixTeacher(
                left.tensor,
                contrast: right.tensor,
                strength: 1,
                floor: 0,
                distances: distances
            )
            #expect(distances.hostCopy()[0].isNaN)
        }
        backend.collisions(broken.tensor, into: collisions)
        #expect(collisions.hostCopy()[0].isNaN)
    }

    @Test(arguments: [2, 97, 1500], [0, 12.5])
    func `teachers are mixed as far as they differ`(columns: Int, strength: Double) {
        let teacher = Matrix.random(3, columns, seed: 31, scale: 5)
        let contrast = Matrix.random(3, columns, seed: 32, scale: 5)
        let (mixed, expected) = DistributionReference.mixed(
            teacher,
            contrast,
            strength: strength,
            floor: 0.001
        )
        for threads in 1...2 {
            let (found, other) = (Strided(teacher), Strided(contrast))
            let distances = Tensor(rows: 1, columns: 3)
            CPUBackend(threadCount: threads).mixTeacher(
                found.view,
                contrast: other.view,
                strength: Float(strength),
                floor: 0.001,
                distances: distances
            )
            #expect(difference(distances, Matrix(1, 3, expected)) < Self.tolerance)
            #expect(difference(found.view, mixed) < Self.tolerance)
            #expect(found.isMarginUntouched && other.isMarginUntouched)
            #expect(difference(other.view, contrast) == 0)
        }
    }

    /// Forward calls of everything, then the backward call.
    private struct Run {
        let logits: Strided
        let others: [Strided]
        let divergences: [Divergence]
        let collisions: Tensor

        init(_ values: Matrix, _ reference: DistributionReference, threads: Int) {
            let backend = CPUBackend(threadCount: threads)
            func row() -> Tensor { Tensor(rows: 1, columns: values.rows) }
            let (lse, logprobs, entropies) = (row(), row(), row())
            logits = Strided(values)
            others = reference.others.map { Strided($0.logits) }
            divergences = others.map { _ in Divergence(rows: values.rows) }
            collisions = row()
            let targets = reference.softmax.targets
            backend.logSoftmax(
                logits.view,
                targets: targets[...],
                lse: lse,
                logprobs: logprobs,
                entropies: entropies
            )
            backend.collisions(logits.view, into: collisions)
            for (other, divergence) in zip(others, divergences) {
                backend.divergence(logits.view, from: other.view, into: divergence)
            }
            backend.distributionBackward(
                logits.view,
                targets: targets[...],
                lse: lse,
                slopes: DistributionSlopes(
                    entropies: entropies,
                    dLogprobs: reference.softmax.dLogprobs.tensor,
                    dEntropies: reference.softmax.dEntropies.tensor,
                    collisions: collisions,
                    dCollisions: reference.dCollisions.tensor,
                    comparisons: others.indices.map { index in
                        .init(
                            logits: others[index].view,
                            divergence: divergences[index],
                            dReverse: reference.others[index].dReverse.tensor,
                            dForward: reference.others[index].dForward.tensor
                        )
                    }
                )
            )
        }
    }
}
