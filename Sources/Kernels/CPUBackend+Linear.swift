import CKernels
import COpenBLAS

// Linear layers. Forward products run over weights in panels (`ck_linear_panels`), which are packed
// beforehand or here, a few at a time: each output is summed in one order whatever the batch, and at
// no number of rows is that slower than `sgemm`. Backward products are OpenBLAS's.
extension CPUBackend {
    /// Bytes of panels that a thread packs at a time, to stay in its second-level cache.
    private static let panelBytes = 1 << 18

    /// y = x · wᵀ, or y += x · wᵀ when `adds`; a row of y never depends on the other rows of x.
    public func linear(_ x: Tensor, _ w: Tensor, into y: Tensor, adds: Bool) {
        precondition(x.columns == w.columns && y.rows == x.rows && y.columns == w.rows)
        if x.rows == 0 { return }
        let panel = PanelFormat.float32.panelFloats(inputs: w.columns)
        let held = max(1, Self.panelBytes / 4 / panel)
        forEachPart(x, y, w.rows) { x, y, outputs, thread in
            let room = scratch[thread].floats(held * panel)
            for first in stride(
                from: outputs.lowerBound,
                to: outputs.upperBound,
                by: held * PanelFormat.outputs
            ) {
                let part = first..<min(outputs.upperBound, first + held * PanelFormat.outputs)
                let code = PanelFormat.float32.code
                ck_pack_panels(room, code, w.row(first), w.stride, part.count, w.columns)
                multiply(x, room, .float32, part, into: y, adds)
            }
        }
    }

    /// The same with weights that are packed.
    public func linear(_ x: Tensor, _ w: PackedMatrix, into y: Tensor, adds: Bool) {
        precondition(x.columns == w.inputs && y.rows == x.rows && y.columns == w.outputs)
        if x.rows == 0 { return }
        forEachPart(x, y, w.outputs) { x, y, outputs, _ in
            multiply(x, w.panel(of: outputs.lowerBound), w.format, outputs, into: y, adds)
        }
    }

    /// Lays a weight matrix into panels, each output's panel by one thread.
    public func pack(_ w: Tensor, into packed: PackedMatrix) {
        precondition(w.rows == packed.outputs && w.columns == packed.inputs)
        pool.run(count: w.rows, grain: PanelFormat.outputs) { range, _ in
            ck_pack_panels(
                packed.panel(of: range.lowerBound),
                packed.format.code,
                w.row(range.lowerBound),
                w.stride,
                range.count,
                w.columns
            )
        }
    }

    /// Splits the outputs over threads, or the rows where there are more of them than panels.
    private func forEachPart(
        _ x: Tensor,
        _ y: Tensor,
        _ outputs: Int,
        _ body: (_ x: Tensor, _ y: Tensor, _ outputs: Range<Int>, _ thread: Int) -> Void
    ) {
        if x.rows > outputs && outputs < 64 * pool.threadCount {
            pool.run(count: x.rows, grain: 6) { rows, thread in
                body(x.rows(rows), y.rows(rows), 0..<outputs, thread)
            }
        } else {
            pool.run(count: outputs, grain: PanelFormat.outputs) { range, thread in
                body(x, y, range, thread)
            }
        }
    }

    private func multiply(
        _ x: Tensor,
        _ panels: UnsafePointer<Float>,
        _ format: PanelFormat,
        _ outputs: Range<Int>,
        into y: Tensor,
        _ adds: Bool
    ) {
        ck_linear_panels(
            y.pointer + outputs.lowerBound,
            y.stride,
            x.pointer,
            x.stride,
            panels,
            format.code,
            x.rows,
            outputs.count,
            x.columns,
            adds ? 1 : 0
        )
    }

    /// dx = dy · w, or dx += dy · w when `adds`; the longer side is split over threads.
    public func linearBackwardInput(_ dy: Tensor, _ w: Tensor, into dx: Tensor, adds: Bool) {
        precondition(dy.columns == w.rows && dx.rows == dy.rows && dx.columns == w.columns)
        if dy.rows >= w.columns {
            pool.run(count: dy.rows, grain: 16) { range, _ in
                gemm(
                    .no,
                    .no,
                    range.count,
                    w.columns,
                    w.rows,
                    dy.row(range.lowerBound),
                    dy.stride,
                    w.pointer,
                    w.stride,
                    adds ? 1 : 0,
                    dx.row(range.lowerBound),
                    dx.stride
                )
            }
        } else {
            pool.run(count: w.columns, grain: 16) { range, _ in
                gemm(
                    .no,
                    .no,
                    dy.rows,
                    range.count,
                    w.rows,
                    dy.pointer,
                    dy.stride,
                    w.pointer + range.lowerBound,
                    w.stride,
                    adds ? 1 : 0,
                    dx.pointer + range.lowerBound,
                    dx.stride
                )
            }
        }
    }

    /// dw += dyᵀ · x; dw is split over threads, so that each sum is made by one of them.
    public func linearBackwardWeight(_ dy: Tensor, _ x: Tensor, into dw: Tensor) {
        precondition(dy.rows == x.rows && dw.rows == dy.columns && dw.columns == x.columns)
        if dw.rows >= dw.columns || dw.columns < 32 {
            pool.run(count: dw.rows, grain: 16) { range, _ in
                gemm(
                    .yes,
                    .no,
                    range.count,
                    x.columns,
                    x.rows,
                    dy.pointer + range.lowerBound,
                    dy.stride,
                    x.pointer,
                    x.stride,
                    1,
                    dw.row(range.lowerBound),
                    dw.stride
                )
            }
        } else {
            pool.run(count: dw.columns, grain: 16) { range, _ in
                gemm(
                    .yes,
                    .no,
                    dw.rows,
                    range.count,
                    x.rows,
                    dy.pointer,
                    dy.stride,
                    x.pointer + range.lowerBound,
                    x.stride,
                    1,
                    dw.pointer + range.lowerBound,
                    dw.stride
                )
            }
        }
    }
}

enum Transposed {
    case no, yes

    fileprivate var code: CBLAS_TRANSPOSE { self == .yes ? CblasTrans : CblasNoTrans }
}

/// c = op(a) · op(b) + beta · c, with c (m, n) and the inner size k; row-major.
func gemm(
    _ transposedA: Transposed,
    _ transposedB: Transposed,
    _ m: Int,
    _ n: Int,
    _ k: Int,
    _ a: UnsafePointer<Float>,
    _ lda: Int,
    _ b: UnsafePointer<Float>,
    _ ldb: Int,
    _ beta: Float,
    _ c: UnsafeMutablePointer<Float>,
    _ ldc: Int
) {
    if m == 0 || n == 0 { return }
    cblas_sgemm(
        CblasRowMajor,
        transposedA.code,
        transposedB.code,
        blasint(m),
        blasint(n),
        blasint(k),
        1,
        a,
        blasint(max(1, lda)),
        b,
        blasint(max(1, ldb)),
        beta,
        c,
        blasint(max(1, ldc))
    )
}
