import CKernels
import Glibc

// Rows, whole arrays and the optimizer's step.
extension CPUBackend {
    /// Elements of one part of a whole-array loop.
    private static let grain = 16_384

    /// Copies rows of the table that the indices name, in their order; rows are split over threads.
    public func gatherRows(_ table: Tensor, _ indices: [Int32], into out: Tensor) {
        precondition(indices.count == out.rows && table.columns == out.columns)
        pool.run(count: indices.count, grain: 8) { range, _ in
            for row in range {
                let index = Int(indices[row])
                precondition(index >= 0 && index < table.rows)
                out.row(row).update(from: table.row(index), count: out.columns)
            }
        }
    }

    /// Adds each row to the table row of its index, one after another in a fixed order.
    public func scatterAddRows(_ rows: Tensor, _ indices: [Int32], into table: Tensor) {
        precondition(indices.count == rows.rows && table.columns == rows.columns)
        // Rows may repeat: split by columns, so that each sum is made by one thread in order.
        pool.run(count: rows.columns, grain: 16) { range, _ in
            for (row, index) in indices.enumerated() {
                precondition(index >= 0 && Int(index) < table.rows)
                ck_add(
                    table.row(Int(index)) + range.lowerBound,
                    rows.row(row) + range.lowerBound,
                    range.count
                )
            }
        }
    }

    /// Copies each row over the table row of its index.
    public func putRows(_ rows: Tensor, _ indices: [Int32], into table: Tensor) {
        precondition(indices.count == rows.rows && table.columns == rows.columns)
        for (row, index) in indices.enumerated() {
            precondition(index >= 0 && index < table.rows)
            table.row(Int(index)).update(from: rows.row(row), count: rows.columns)
        }
    }

    /// y = x, row by row, for shapes that are equal.
    public func copy(_ x: Tensor, into y: Tensor) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        pool.run(count: x.rows, grain: 16) { range, _ in
            for row in range { y.row(row).update(from: x.row(row), count: x.columns) }
        }
    }

    /// y += x, row by row, for shapes that are equal.
    public func add(_ x: Tensor, into y: Tensor) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        pool.run(count: x.rows, grain: 16) { range, _ in
            for row in range { ck_add(y.row(row), x.row(row), x.columns) }
        }
    }

    /// y = factor · y.
    public func scale(_ y: Tensor, by factor: Float) {
        for row in 0..<y.rows { ck_scale(y.row(row), factor, y.columns) }
    }

    /// y += share · (x − y), each element alone.
    public func blend(_ x: Tensor, into y: Tensor, share: Float) {
        precondition(x.isContiguous && y.isContiguous && x.rows * x.columns == y.rows * y.columns)
        pool.run(count: y.rows * y.columns, grain: Self.grain) { range, _ in
            ck_blend(
                y.pointer + range.lowerBound,
                x.pointer + range.lowerBound,
                share,
                range.count
            )
        }
    }

    /// Sets every element of y to 0, leaving what lies between its rows.
    public func zero(_ y: Tensor) {
        if y.isContiguous {
            pool.run(count: y.rows * y.columns, grain: Self.grain) { range, _ in
                memset(y.pointer + range.lowerBound, 0, range.count * 4)
            }
        } else {
            pool.run(count: y.rows, grain: 16) { range, _ in
                for row in range { memset(y.row(row), 0, y.columns * 4) }
            }
        }
    }

    /// Σ x² in double: one part for each thread, added in order of the parts.
    public func sumOfSquares(_ x: Tensor) -> Double {
        precondition(x.isContiguous)
        let ranges = evenRanges(x.rows * x.columns, pool.threadCount)
        let partials = Storage<Double>(count: ranges.count)
        pool.run(parts: ranges.count) { part, _ in
            partials.base[part] = ck_sum_squares(
                x.pointer + ranges[part].lowerBound,
                ranges[part].count
            )
        }
        return ranges.indices.reduce(0) { $0 + partials.base[$1] }
    }

    /// Whether no element is infinite or not a number.
    public func allFinite(_ x: Tensor) -> Bool {
        (0..<x.rows).allSatisfy { ck_all_finite(x.row($0), x.columns) != 0 }
    }

    /// One AdamW step on equally long arrays, which must be contiguous.
    public func adamW(
        _ p: Tensor,
        moment1: Tensor,
        moment2: Tensor,
        gradient: Tensor,
        step: AdamWStep
    ) {
        precondition(p.isContiguous && gradient.isContiguous)
        let count = p.rows * p.columns
        var numbers = ck_adamw_step(
            learning_rate: step.learningRate,
            beta1: step.beta1,
            beta2: step.beta2,
            epsilon: step.epsilon,
            weight_decay: step.weightDecay,
            correction1: Float(1 - pow(Double(step.beta1), Double(step.step))),
            correction2: Float(1 - pow(Double(step.beta2), Double(step.step))),
            gradient_scale: step.gradientScale
        )
        withUnsafePointer(to: &numbers) { numbers in
            let box = Shared(numbers)
            pool.run(count: count, grain: Self.grain) { range, _ in
                let start = range.lowerBound
                ck_adamw(
                    p.pointer + start,
                    moment1.pointer + start,
                    moment2.pointer + start,
                    gradient.pointer + start,
                    range.count,
                    box.pointer
                )
            }
        }
    }
}
