import CKernels

// Normalisation, rotary positions, SwiGLU: one pass over the rows, split over threads.
extension CPUBackend {
    /// RMSNorm of each row: y = x · weight / √(mean x² + epsilon), keeping the inverse root.
    public func rmsNorm(
        _ x: Tensor,
        weight: Tensor,
        epsilon: Float,
        into y: Tensor,
        inverseRMS: Tensor
    ) {
        precondition(
            x.columns == weight.columns && y.rows == x.rows && inverseRMS.columns >= x.rows
        )
        pool.run(count: x.rows, grain: 4) { range, _ in
            ck_rms_norm(
                y.row(range.lowerBound),
                y.stride,
                inverseRMS.pointer + range.lowerBound,
                x.row(range.lowerBound),
                x.stride,
                weight.pointer,
                range.count,
                x.columns,
                epsilon
            )
        }
    }

    /// The gradients of `rmsNorm`, added to `dx` and, when given, to `dWeight`.
    public func rmsNormBackward(
        _ dy: Tensor,
        _ x: Tensor,
        weight: Tensor,
        inverseRMS: Tensor,
        into dx: Tensor,
        dWeight: Tensor?
    ) {
        precondition(dy.rows == x.rows && dx.rows == x.rows)
        // The weight's gradient is a sum over rows: one partial sum a range, added in order.
        let columns = x.columns
        let partials = dWeight == nil ? nil : Storage<Float>(count: pool.threadCount * columns)
        let ranges = evenRanges(x.rows, pool.threadCount)
        pool.run(parts: ranges.count) { part, _ in
            let range = ranges[part]
            ck_rms_norm_backward(
                dx.row(range.lowerBound),
                dx.stride,
                partials.map { $0.base + part * columns },
                dy.row(range.lowerBound),
                dy.stride,
                x.row(range.lowerBound),
                x.stride,
                weight.pointer,
                inverseRMS.pointer + range.lowerBound,
                range.count,
                columns
            )
        }
        if let dWeight, let partials {
            for part in ranges.indices {
                ck_add(dWeight.pointer, partials.base + part * columns, columns)
            }
        }
    }

    /// Rotates each head of `x` by the angles of its token's position, or back when `inverse`.
    public func rope(
        _ x: Tensor,
        headSize: Int,
        positions: [Int32],
        table: RotaryTable,
        inverse: Bool
    ) {
        precondition(positions.count == x.rows)
        precondition(positions.allSatisfy { $0 >= 0 && Int($0) < table.positionCount })
        let angles = table.angles(through: Int(positions.max() ?? 0))
        positions.withUnsafeBufferPointer { positions in
            guard let start = positions.baseAddress else { return }
            let box = Shared(start)
            let (cosines, sines) = (Shared(angles.cosines), Shared(angles.sines))
            pool.run(count: x.rows, grain: 4) { range, _ in
                ck_rope(
                    x.row(range.lowerBound),
                    x.stride,
                    range.count,
                    x.columns / headSize,
                    headSize,
                    box.pointer + range.lowerBound,
                    cosines.pointer,
                    sines.pointer,
                    inverse ? 1 : 0
                )
            }
        }
    }

    /// y = silu(gate) · up, where the left half of `gateUp` is gate and the right half up.
    public func swiglu(_ gateUp: Tensor, into y: Tensor) {
        precondition(gateUp.columns == 2 * y.columns && gateUp.rows == y.rows)
        pool.run(count: y.rows, grain: 1) { range, _ in
            ck_swiglu(
                y.row(range.lowerBound),
                y.stride,
                gateUp.row(range.lowerBound),
                gateUp.stride,
                range.count,
                y.columns
            )
        }
    }

    /// The gradient of `swiglu`, laid out like `gateUp`: gate on the left, up on the right.
    public func swigluBackward(_ dy: Tensor, _ gateUp: Tensor, into dGateUp: Tensor) {
        precondition(gateUp.columns == 2 * dy.columns && dGateUp.columns == gateUp.columns)
        pool.run(count: dy.rows, grain: 1) { range, _ in
            ck_swiglu_backward(
                dGateUp.row(range.lowerBound),
                dGateUp.stride,
                dy.row(range.lowerBound),
                dy.stride,
                gateUp.row(range.lowerBound),
                gateUp.stride,
                range.count,
                dy.columns
            )
        }
    }
}

/// `count` split into at most `parts` ranges of nearly equal length, none empty.
func evenRanges(_ count: Int, _ parts: Int) -> [Range<Int>] {
    let parts = max(1, min(parts, count))
    return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
}

/// A read-only pointer that a parallel loop may share.
///
/// `@unchecked Sendable`: nobody writes to it while the loop runs.
struct Shared<Element>: @unchecked Sendable {
    let pointer: UnsafePointer<Element>
    init(_ pointer: UnsafePointer<Element>) { self.pointer = pointer }
}
