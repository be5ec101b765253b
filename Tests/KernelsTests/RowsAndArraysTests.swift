import Kernels
import Testing

@Suite struct `Rows and whole arrays` {
    @Test(arguments: 1...3)
    func `gathered rows are the table's, in order`(threads: Int) {
        let (table, out) = (Strided(.random(9, 7, seed: 1)), Strided(Matrix(20, 7)))
        let indices = (0..<20).map { Int32(($0 * 5) % 9) }
        CPUBackend(threadCount: threads).gatherRows(table.view, indices, into: out.view)
        for (row, index) in indices.enumerated() {
            let source = table.view.rows(Int(index)..<Int(index) + 1).hostCopy()
            #expect(out.view.rows(row..<row + 1).hostCopy() == source)
        }
        #expect(out.isMarginUntouched)
    }

    @Test(arguments: 1...3)
    func `scattered rows add up, repeated indices included`(threads: Int) {
        let (start, rows) = (Matrix.random(6, 41, seed: 2), Matrix.random(30, 41, seed: 3))
        let indices = (0..<30).map { Int32($0 % 4) }
        var expected = start
        for (row, index) in indices.enumerated() {
            for column in 0..<41 { expected[Int(index), column] += rows[row, column] }
        }
        let (table, source) = (Strided(start), Strided(rows))
        CPUBackend(threadCount: threads).scatterAddRows(source.view, indices, into: table.view)
        // Eight sums of numbers below one.
        #expect(difference(table.view, expected) < 5e-7)
        #expect(table.isMarginUntouched)
    }

    @Test func `put rows replace the named rows and no others`() {
        let (start, rows) = (Matrix.random(6, 5, seed: 4), Matrix.random(3, 5, seed: 5))
        let table = Strided(start)
        CPUBackend(threadCount: 2).putRows(Strided(rows).view, [4, 0, 3], into: table.view)
        var expected = start
        for (row, index) in [4, 0, 3].enumerated() {
            for column in 0..<5 { expected[index, column] = rows[row, column] }
        }
        #expect(difference(table.view, expected) == 0)
        #expect(table.isMarginUntouched)
    }

    @Test(arguments: [1, 2, 40], 1...3)
    func `copy, add, scale and zero act on the view alone`(rows: Int, threads: Int) {
        let backend = CPUBackend(threadCount: threads)
        let (x, y) = (Matrix.random(rows, 13, seed: 6), Matrix.random(rows, 13, seed: 7))
        let (source, place) = (Strided(x), Strided(y))
        backend.add(source.view, into: place.view)
        #expect(difference(place.view, x + y) < 1e-7)
        backend.copy(source.view, into: place.view)
        #expect(difference(place.view, x) == 0)
        backend.scale(place.view, by: -0.5)
        #expect(difference(place.view, Matrix(rows, 13, x.elements.map { -0.5 * $0 })) == 0)
        backend.zero(place.view)
        #expect(place.view.hostCopy().allSatisfy { $0 == 0 })
        #expect(place.isMarginUntouched)
    }

    @Test(arguments: [1, 7, 50_000], 1...3)
    func `whole arrays of any length are zeroed and summed`(count: Int, threads: Int) {
        let backend = CPUBackend(threadCount: threads)
        let x = Matrix.random(1, count, seed: 8)
        let tensor = x.tensor
        // Squares and their sum are in double.
        #expect(abs(backend.sumOfSquares(tensor) - x.dot(x)) < 1e-12 * Double(count))
        backend.zero(tensor)
        #expect(backend.sumOfSquares(tensor) == 0)
    }

    @Test func `the sum of squares has the same bits every time`() {
        let (backend, x) = (CPUBackend(threadCount: 3), Matrix.random(1, 10_001, seed: 9).tensor)
        let first = backend.sumOfSquares(x)
        for _ in 0..<20 { #expect(backend.sumOfSquares(x) == first) }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, .signalingNaN])
    func `one number that is not finite is found wherever it is`(bad: Float) {
        let backend = CPUBackend(threadCount: 2)
        for index in 0..<37 {
            var elements = [Float](repeating: .greatestFiniteMagnitude, count: 37)
            let tensor = Tensor(rows: 1, columns: 37)
            tensor.assign(elements)
            #expect(backend.allFinite(tensor))
            elements[index] = bad
            tensor.assign(elements)
            #expect(!backend.allFinite(tensor))
        }
    }
}
