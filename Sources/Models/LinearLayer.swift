import Kernels

/// A weight matrix with optional low-rank adapters, and where its gradients go.
struct LinearLayer: Sendable {
    /// The matrix (out, in); fused layers lie one below the other.
    let weight: Tensor
    /// `nil` when the weight is frozen.
    let gradient: Tensor?
    let adapters: [LowRankAdapter]

    /// y = x · weightᵀ + adapters, or added to y; `panels` have the adapters merged in.
    func forward(
        _ x: Tensor,
        into y: Tensor,
        adds: Bool,
        _ pass: LayerPass,
        _ panels: PackedMatrix?
    ) {
        let (backend, scratch) = (pass.backend, pass.adapterScratch)
        if let panels { return backend.linear(x, panels, into: y, adds: adds) }
        backend.linear(x, weight, into: y, adds: adds)
        for adapter in adapters {
            let inner = adapter.inner(x, backend, scratch)
            backend.linear(inner, adapter.b, into: y.columns(adapter.outputs), adds: true)
        }
    }

    /// The weight with its adapters added; a copy only where there are some.
    func merged(_ backend: any Backend) -> Tensor {
        if adapters.isEmpty { return weight }
        let result = Tensor(rows: weight.rows, columns: weight.columns)
        backend.copy(weight, into: result)
        for adapter in adapters { adapter.merge(into: result.rows(adapter.outputs), backend) }
        return result
    }

    /// Adds to the gradients of weight and adapters; writes ∂loss/∂x unless `dx` is nil.
    func backward(
        _ dy: Tensor,
        _ x: Tensor,
        into dx: Tensor?,
        _ backend: any Backend,
        _ scratch: Tensor
    ) {
        if let gradient { backend.linearBackwardWeight(dy, x, into: gradient) }
        if let dx { backend.linearBackwardInput(dy, weight, into: dx, adds: false) }
        for adapter in adapters {
            adapter.backward(dy.columns(adapter.outputs), x, into: dx, backend, scratch)
        }
    }
}

/// A low-rank addition to some output columns of a linear layer: y += scale · (x Aᵀ) Bᵀ.
///
/// Source: Hu et al. 2021, "LoRA", section 4.1, with scale = alpha / rank.
struct LowRankAdapter: Sendable {
    /// The factor that x meets first, (rank, in).
    let a: Tensor
    /// The factor that leads to the outputs, (outputs, rank).
    let b: Tensor
    let aGradient: Tensor?
    let bGradient: Tensor?
    let scale: Float
    let outputs: Range<Int>

    var rank: Int { a.rows }

    /// scale · x Aᵀ, (tokens, rank), in the first half of `scratch`.
    func inner(_ x: Tensor, _ backend: any Backend, _ scratch: Tensor) -> Tensor {
        let inner = scratch.rows(0..<x.rows).columns(0..<rank)
        backend.linear(x, a, into: inner, adds: false)
        backend.scale(inner, by: scale)
        return inner
    }

    /// weight += scale · B A.
    func merge(into weight: Tensor, _ backend: any Backend) {
        let scaled = Tensor(rows: b.rows, columns: b.columns)
        backend.copy(b, into: scaled)
        backend.scale(scaled, by: scale)
        backend.linearBackwardInput(scaled, a, into: weight, adds: true)
    }

    func backward(
        _ dy: Tensor,
        _ x: Tensor,
        into dx: Tensor?,
        _ backend: any Backend,
        _ scratch: Tensor
    ) {
        if let bGradient {
            backend.linearBackwardWeight(dy, inner(x, backend, scratch), into: bGradient)
        }
        let dInner = scratch.rows(0..<x.rows).columns(rank..<2 * rank)
        backend.linearBackwardInput(dy, b, into: dInner, adds: false)
        backend.scale(dInner, by: scale)
        if let aGradient { backend.linearBackwardWeight(dInner, x, into: aGradient) }
        if let dx { backend.linearBackwardInput(dInner, a, into: dx, adds: true) }
    }
}
