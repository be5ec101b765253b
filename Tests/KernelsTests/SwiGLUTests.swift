import Foundation
import Kernels
import Testing

/// silu(gate) · up for rows [gate | up].
enum SwiGLUReference {
    static func forward(_ gateUp: Matrix) -> Matrix {
        let columns = gateUp.columns / 2
        var y = Matrix(gateUp.rows, columns)
        for row in 0..<gateUp.rows {
            for column in 0..<columns {
                let gate = gateUp[row, column]
                y[row, column] = gate / (1 + exp(-gate)) * gateUp[row, columns + column]
            }
        }
        return y
    }

    static func backward(_ dy: Matrix, _ gateUp: Matrix) -> Matrix {
        let columns = dy.columns
        var gradient = Matrix(gateUp.rows, gateUp.columns)
        for row in 0..<gateUp.rows {
            for column in 0..<columns {
                let (gate, up) = (gateUp[row, column], gateUp[row, columns + column])
                let sigmoid = 1 / (1 + exp(-gate))
                let slope = sigmoid * (1 + gate * (1 - sigmoid))
                gradient[row, column] = dy[row, column] * up * slope
                gradient[row, columns + column] = dy[row, column] * gate * sigmoid
            }
        }
        return gradient
    }
}

@Suite struct `SwiGLU` {
    /// The exponential errs by 1e-7 relative; five operations follow.
    static let tolerance = 1e-6

    @Test func `the reference's gradient is its central differences`() {
        let (gateUp, dy) = (Matrix.random(2, 10, seed: 1, scale: 3), Matrix.random(2, 5, seed: 2))
        let expected = centralDifferences(at: gateUp) { SwiGLUReference.forward($0).dot(dy) }
        let gradient = SwiGLUReference.backward(dy, gateUp)
        #expect(difference(gradient.elements, expected.elements) < centralTolerance)
    }

    @Test(arguments: [1, 2, 5], [1, 7, 64, 131])
    func `forward and backward agree with the reference`(rows: Int, columns: Int) {
        let gateUp = Matrix.random(rows, 2 * columns, seed: 3, scale: 6)
        let dy = Matrix.random(rows, columns, seed: 4)
        for threads in 1...3 {
            let backend = CPUBackend(threadCount: threads)
            let (input, slope) = (Strided(gateUp), Strided(dy))
            let (y, gradient) = (
                Strided(Matrix(rows, columns)), Strided(Matrix(rows, 2 * columns))
            )
            backend.swiglu(input.view, into: y.view)
            backend.swigluBackward(slope.view, input.view, into: gradient.view)
            #expect(difference(y.view, SwiGLUReference.forward(gateUp)) < Self.tolerance)
            let expected = SwiGLUReference.backward(dy, gateUp)
            #expect(difference(gradient.view, expected) < Self.tolerance)
            #expect(y.isMarginUntouched && gradient.isMarginUntouched)
        }
    }

    @Test func `gates far from zero neither overflow nor vanish`() {
        let gateUp = Matrix(1, 8, [-1000, -90, 90, 1000, 1, 1, 1, 1])
        let (y, gradient) = (Tensor(rows: 1, columns: 4), Tensor(rows: 1, columns: 8))
        let backend = CPUBackend(threadCount: 1)
        backend.swiglu(gateUp.tensor, into: y)
        backend.swigluBackward(Matrix(1, 4, [1, 1, 1, 1]).tensor, gateUp.tensor, into: gradient)
        #expect(difference(y, Matrix(1, 4, [0, 0, 90, 1000])) < 1e-6)
        #expect(difference(gradient, Matrix(1, 8, [0, 0, 1, 1, 0, 0, 90, 1000])) < 1e-6)
    }
}
