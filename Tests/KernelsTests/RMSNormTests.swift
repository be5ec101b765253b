import Kernels
import Testing

/// y = x · w / √(mean(x²) + ε) and its gradients.
enum RMSNormReference {
    static func forward(_ x: Matrix, _ w: Matrix, _ epsilon: Double) -> Matrix {
        var y = x
        for row in 0..<x.rows {
            let inverse = inverseRMS(x.row(row), epsilon)
            for column in 0..<x.columns { y[row, column] = x[row, column] * inverse * w[0, column] }
        }
        return y
    }

    static func inverseRMS(_ row: Matrix, _ epsilon: Double) -> Double {
        1 / (row.dot(row) / Double(row.columns) + epsilon).squareRoot()
    }

    static func backward(
        _ dy: Matrix,
        _ x: Matrix,
        _ w: Matrix,
        _ epsilon: Double
    ) -> (dx: Matrix, dw: Matrix) {
        var (dx, dw) = (Matrix(x.rows, x.columns), Matrix(1, x.columns))
        for row in 0..<x.rows {
            let inverse = inverseRMS(x.row(row), epsilon)
            var mean = 0.0
            for column in 0..<x.columns {
                mean += x[row, column] * w[0, column] * dy[row, column] / Double(x.columns)
                dw[0, column] += dy[row, column] * x[row, column] * inverse
            }
            for column in 0..<x.columns {
                dx[row, column] =
                    inverse * w[0, column] * dy[row, column]
                    - x[row, column] * inverse * inverse * inverse * mean
            }
        }
        return (dx, dw)
    }
}

@Suite struct `RMSNorm` {
    /// Sums over up to 131 columns and one square root: a few units of 6e-8 · √131.
    static let tolerance = 2e-6
    static let epsilon = 1e-5

    @Test func `the reference's gradients are its central differences`() {
        let (x, w, dy) = (
            Matrix.random(3, 5, seed: 1), Matrix.random(1, 5, seed: 2), Matrix.random(3, 5, seed: 3)
        )
        let (dx, dw) = RMSNormReference.backward(dy, x, w, 0.1)
        let byX = centralDifferences(at: x) { RMSNormReference.forward($0, w, 0.1).dot(dy) }
        let byW = centralDifferences(at: w) { RMSNormReference.forward(x, $0, 0.1).dot(dy) }
        #expect(difference(dx.elements, byX.elements) < centralTolerance)
        #expect(difference(dw.elements, byW.elements) < centralTolerance)
    }

    @Test(arguments: [1, 2, 3, 7, 64], [1, 5, 32, 131])
    func `forward and backward agree with the reference`(rows: Int, columns: Int) {
        let (x, w, dy) = (
            Matrix.random(rows, columns, seed: 4, scale: 3), Matrix.random(1, columns, seed: 5),
            Matrix.random(rows, columns, seed: 6)
        )
        let (dx, dw) = RMSNormReference.backward(dy, x, w, Self.epsilon)
        let there = Matrix.random(rows, columns, seed: 7)
        for threads in 1...3 {
            let backend = CPUBackend(threadCount: threads)
            let (xs, ys, dys) = (Strided(x), Strided(Matrix(rows, columns)), Strided(dy))
            let (dxs, dWeight) = (Strided(there), Matrix(1, columns).tensor)
            let inverse = Tensor(rows: 1, columns: rows)
            backend.rmsNorm(
                xs.view,
                weight: w.tensor,
                epsilon: Float(Self.epsilon),
                into: ys.view,
                inverseRMS: inverse
            )
            backend.rmsNormBackward(
                dys.view,
                xs.view,
                weight: w.tensor,
                inverseRMS: inverse,
                into: dxs.view,
                dWeight: dWeight
            )
            let y = RMSNormReference.forward(x, w, Self.epsilon)
            #expect(difference(ys.view, y) < Self.tolerance)
            #expect(difference(dxs.view, there + dx) < 2 * Self.tolerance)
            #expect(difference(dWeight, dw) < Self.tolerance)
            #expect(ys.isMarginUntouched && dxs.isMarginUntouched)
        }
    }

    @Test func `a frozen weight leaves the gradient of the input as it is`() {
        let (x, w, dy) = (
            Matrix.random(6, 9, seed: 8), Matrix.random(1, 9, seed: 9),
            Matrix.random(6, 9, seed: 10)
        )
        let backend = CPUBackend(threadCount: 2)
        let (y, inverse, dx) = (
            Matrix(6, 9).tensor, Tensor(rows: 1, columns: 6), Matrix(6, 9).tensor
        )
        backend.rmsNorm(x.tensor, weight: w.tensor, epsilon: 1e-5, into: y, inverseRMS: inverse)
        backend.rmsNormBackward(
            dy.tensor,
            x.tensor,
            weight: w.tensor,
            inverseRMS: inverse,
            into: dx,
            dWeight: nil
        )
        let expected = RMSNormReference.backward(dy, x, w, Self.epsilon).dx
        #expect(difference(dx, expected) < Self.tolerance)
    }

    @Test func `a row of zeros gives zeros`() {
        let (y, inverse) = (Tensor(rows: 1, columns: 8), Tensor(rows: 1, columns: 1))
        CPUBackend(threadCount: 1).rmsNorm(
            Tensor(rows: 1, columns: 8),
            weight: Matrix.random(1, 8, seed: 11).tensor,
            epsilon: 1e-5,
            into: y,
            inverseRMS: inverse
        )
        #expect(y.hostCopy() == Array(repeating: 0, count: 8))
    }
}
