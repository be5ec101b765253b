import Kernels
import Testing

/// y = x · wᵀ and its gradients, one product at a time.
enum LinearReference {
    static func forward(_ x: Matrix, _ w: Matrix) -> Matrix {
        var y = Matrix(x.rows, w.rows)
        for row in 0..<x.rows {
            for out in 0..<w.rows {
                var sum = 0.0
                for inner in 0..<x.columns { sum += x[row, inner] * w[out, inner] }
                y[row, out] = sum
            }
        }
        return y
    }

    static func backward(_ dy: Matrix, _ x: Matrix, _ w: Matrix) -> (dx: Matrix, dw: Matrix) {
        var (dx, dw) = (Matrix(x.rows, x.columns), Matrix(w.rows, w.columns))
        for row in 0..<x.rows {
            for out in 0..<w.rows {
                let slope = dy[row, out]
                for inner in 0..<x.columns {
                    dx[row, inner] += slope * w[out, inner]
                    dw[out, inner] += slope * x[row, inner]
                }
            }
        }
        return (dx, dw)
    }
}

@Suite struct `Linear layers` {
    /// Sums of up to 131 products: rounding grows as √131 · 6e-8 ≈ 7e-7 of the largest; three times that.
    static let tolerance = 2e-6
    /// Around tiles of 1 to 6 rows, and past the rows that share a cache.
    static let rowCounts = [1, 2, 3, 5, 8, 47, 48, 49, 130]
    static let shapes = [(1, 1), (7, 5), (33, 29), (131, 17), (8, 50)]

    @Test func `the reference's gradients are its central differences`() {
        let (x, w, dy) = (
            Matrix.random(3, 5, seed: 1), Matrix.random(4, 5, seed: 2), Matrix.random(3, 4, seed: 3)
        )
        let (dx, dw) = LinearReference.backward(dy, x, w)
        let byX = centralDifferences(at: x) { LinearReference.forward($0, w).dot(dy) }
        let byW = centralDifferences(at: w) { LinearReference.forward(x, $0).dot(dy) }
        #expect(difference(dx.elements, byX.elements) < centralTolerance)
        #expect(difference(dw.elements, byW.elements) < centralTolerance)
    }

    @Test(arguments: rowCounts)
    func `forward and backward agree with the reference`(rows: Int) {
        for (inner, out) in Self.shapes {
            let x = Matrix.random(rows, inner, seed: 4)
            let w = Matrix.random(out, inner, seed: 5)
            let dy = Matrix.random(rows, out, seed: 6)
            let y = LinearReference.forward(x, w)
            let (dx, dw) = LinearReference.backward(dy, x, w)
            for threads in 1...3 {
                let backend = CPUBackend(threadCount: threads)
                let place = "\(rows) rows, \(inner) to \(out), \(threads) threads"
                check(backend, (x, w, dy), (y, dx, dw), place)
            }
        }
    }

    private func check(
        _ backend: CPUBackend,
        _ input: (x: Matrix, w: Matrix, dy: Matrix),
        _ expected: (y: Matrix, dx: Matrix, dw: Matrix),
        _ place: String
    ) {
        let (x, w, dy) = (input.x.tensor, input.w.tensor, input.dy.tensor)
        for adds in [false, true] {
            // What is there already: kept when adding, overwritten otherwise, NaN included.
            let start = Matrix.random(1, 1, seed: 7).elements[0]
            func filled(_ like: Matrix) -> Tensor {
                let value = adds ? Float(start) : .nan
                let tensor = Tensor(rows: like.rows, columns: like.columns)
                tensor.assign(Array(repeating: value, count: like.elements.count))
                return tensor
            }
            func shifted(_ matrix: Matrix) -> Matrix {
                Matrix(matrix.rows, matrix.columns, matrix.elements.map { $0 + (adds ? start : 0) })
            }
            let (y, dx) = (filled(expected.y), filled(expected.dx))
            backend.linear(x, w, into: y, adds: adds)
            backend.linearBackwardInput(dy, w, into: dx, adds: adds)
            #expect(difference(y, shifted(expected.y)) < Self.tolerance, "\(place)")
            #expect(difference(dx, shifted(expected.dx)) < Self.tolerance, "\(place)")
        }
        let dw = Tensor(rows: expected.dw.rows, columns: expected.dw.columns)
        backend.linearBackwardWeight(dy, x, into: dw)
        backend.linearBackwardWeight(dy, x, into: dw)
        let twice = expected.dw + expected.dw
        #expect(difference(dw, twice) < Self.tolerance, "\(place)")
    }

    @Test(arguments: [3, 48, 60])
    func `columns of wider matrices are read and written in place`(rows: Int) {
        let (x, w, dy) = (
            Matrix.random(rows, 19, seed: 8), Matrix.random(21, 19, seed: 9),
            Matrix.random(rows, 21, seed: 10)
        )
        let (dx, dw) = LinearReference.backward(dy, x, w)
        let (xs, ws, dys) = (Strided(x), Strided(w), Strided(dy))
        let (ys, dxs, dws) = (
            Strided(Matrix(rows, 21)), Strided(Matrix(rows, 19)), Strided(Matrix(21, 19))
        )
        let backend = CPUBackend(threadCount: 2)
        backend.linear(xs.view, ws.view, into: ys.view, adds: false)
        backend.linearBackwardInput(dys.view, ws.view, into: dxs.view, adds: false)
        backend.linearBackwardWeight(dys.view, xs.view, into: dws.view)
        #expect(difference(ys.view, LinearReference.forward(x, w)) < Self.tolerance)
        #expect(difference(dxs.view, dx) < Self.tolerance)
        #expect(difference(dws.view, dw) < Self.tolerance)
        #expect(ys.isMarginUntouched && dxs.isMarginUntouched && dws.isMarginUntouched)
    }

    /// What makes a completion independent of its batch-mates: equal bits, not just close numbers.
    @Test(arguments: shapes + [(576, 70)])
    func `a row does not depend on the rows that share its call`(inner: Int, out: Int) {
        let backend = CPUBackend(threadCount: 2)
        let x = Matrix.random(130, inner, seed: 11).tensor
        let w = Matrix.random(out, inner, seed: 12).tensor
        let together = Tensor(rows: x.rows, columns: out)
        backend.linear(x, w, into: together, adds: false)
        for count in [1, 2, 3, 5, 8, 32, 64] {
            let part = Tensor(rows: count, columns: out)
            for first in stride(from: 0, through: x.rows - count, by: 21) {
                backend.linear(x.rows(first..<first + count), w, into: part, adds: false)
                let isSame = part.hostCopy() == together.rows(first..<first + count).hostCopy()
                #expect(isSame, "\(count) rows from \(first)")
            }
        }
    }

    /// Half a unit in the last place kept, times the number of products and their largest factors.
    @Test(arguments: [(PanelFormat.float32, 2e-6), (.bfloat16, 4e-3), (.int8, 5e-3)])
    func `packed weights agree with the reference and do not depend on the batch`(
        format: PanelFormat,
        tolerance: Double
    ) {
        let backend = CPUBackend(threadCount: 2)
        for (inner, out) in Self.shapes + [(576, 70)] {
            let (x, w) = (Matrix.random(67, inner, seed: 14), Matrix.random(out, inner, seed: 15))
            let size = PackedMatrix.floats(outputs: out, inputs: inner, format: format)
            let packed = PackedMatrix(
                outputs: out,
                inputs: inner,
                format: format,
                room: Tensor(rows: 1, columns: size)
            )
            backend.pack(w.tensor, into: packed)
            let (all, own) = (Tensor(rows: 67, columns: out), Tensor(rows: 67, columns: out))
            backend.linear(x.tensor, packed, into: all, adds: false)
            #expect(difference(all, LinearReference.forward(x, w)) < tolerance * Double(inner))
            backend.linear(x.tensor, w.tensor, into: own, adds: false)
            if format == .float32 { #expect(all.hostCopy() == own.hostCopy()) }
            for count in [1, 4, 7, 32] {
                let part = Tensor(rows: count, columns: out)
                backend.linear(x.tensor.rows(9..<9 + count), packed, into: part, adds: false)
                #expect(part.hostCopy() == all.rows(9..<9 + count).hostCopy(), "\(count) rows")
            }
        }
    }

    @Test func `no rows are no work`() {
        let backend = CPUBackend(threadCount: 2)
        let (none, w) = (Tensor(rows: 0, columns: 4), Tensor(rows: 3, columns: 4))
        let dw = Matrix.random(3, 4, seed: 13)
        let kept = dw.tensor
        backend.linear(none, w, into: Tensor(rows: 0, columns: 3), adds: false)
        backend.linearBackwardWeight(Tensor(rows: 0, columns: 3), none, into: kept)
        #expect(difference(kept, dw) == 0)
    }
}
