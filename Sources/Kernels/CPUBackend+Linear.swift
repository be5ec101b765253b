import CKernels
import COpenBLAS

// Linear layers. Below `smallRowLimit` rows OpenBLAS spends more time packing the weights than
// multiplying them (and at one row sgemm is several times slower than sgemv): `ck_linear_small`
// reads each weight once and sums each dot product in one fixed order, whatever the batch.
extension CPUBackend {
    static let smallRowLimit = 48

    /// y = x · wᵀ, or y += x · wᵀ when `adds`; few rows take a path without packing.
    public func linear(_ x: Tensor, _ w: Tensor, into y: Tensor, adds: Bool) {
        precondition(x.columns == w.columns && y.rows == x.rows && y.columns == w.rows)
        if x.rows == 0 { return }
        if x.rows <= Self.smallRowLimit {
            pool.run(count: w.rows, grain: 24) { range, _ in
                ck_linear_small(
                    y.pointer + range.lowerBound,
                    y.stride,
                    x.pointer,
                    x.stride,
                    w.row(range.lowerBound),
                    w.stride,
                    x.rows,
                    range.count,
                    x.columns,
                    adds ? 1 : 0
                )
            }
        } else if x.rows >= w.rows {
            pool.run(count: x.rows, grain: 16) { range, _ in
                gemm(
                    .no,
                    .yes,
                    range.count,
                    w.rows,
                    x.columns,
                    x.row(range.lowerBound),
                    x.stride,
                    w.pointer,
                    w.stride,
                    adds ? 1 : 0,
                    y.row(range.lowerBound),
                    y.stride
                )
            }
        } else {
            pool.run(count: w.rows, grain: 16) { range, _ in
                gemm(
                    .no,
                    .yes,
                    x.rows,
                    range.count,
                    x.columns,
                    x.pointer,
                    x.stride,
                    w.row(range.lowerBound),
                    w.stride,
                    adds ? 1 : 0,
                    y.pointer + range.lowerBound,
                    y.stride
                )
            }
        }
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
