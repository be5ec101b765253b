import Domain
import Kernels

/// One pre-norm decoder layer: attention, then feed-forward, each added to the residual stream.
struct TransformerLayer: Sendable {
    let shape: ModelConfiguration
    let attentionNorm: Tensor
    let queryKeyValue: LinearLayer
    let output: LinearLayer
    let feedForwardNorm: Tensor
    let gateUp: LinearLayer
    let down: LinearLayer
    let attentionNormGradient: Tensor?
    let feedForwardNormGradient: Tensor?

    /// The matrices, in the order of `LayerPanels`.
    var linears: [LinearLayer] { [queryKeyValue, output, gateUp, down] }

    private var attentionShape: AttentionShape {
        AttentionShape(
            headCount: shape.headCount,
            keyValueHeadCount: shape.keyValueHeadCount,
            headSize: shape.headSize
        )
    }
    private var queries: Range<Int> { 0..<shape.headCount * shape.headSize }
    private var keys: Range<Int> {
        queries.upperBound..<queries.upperBound + shape.keyValueHeadCount * shape.headSize
    }
    private var values: Range<Int> { keys.upperBound..<keys.upperBound + keys.count }
    private var epsilon: Float { Float(shape.normEpsilon) }

    /// x and next: (tokens, hidden).
    ///
    /// With a cache, keys and values go to and come from its rows.
    func forward(_ x: Tensor, into next: Tensor, _ pass: LayerPass) {
        let (backend, kept, rows) = (pass.backend, pass.kept, 0..<x.rows)
        let normed = pass.activations.normed.rows(rows)
        let fused = kept.queryKeyValue.rows(rows)
        backend.rmsNorm(
            x,
            weight: attentionNorm,
            epsilon: epsilon,
            into: normed,
            inverseRMS: kept.inverse1
        )
        queryKeyValue.forward(normed, into: fused, adds: false, pass, pass.panels?.queryKeyValue)
        for heads in [queries, keys] {
            backend.rope(
                fused.columns(heads),
                headSize: shape.headSize,
                positions: pass.positions,
                table: pass.rotary,
                inverse: false
            )
        }
        var (k, v) = (fused.columns(keys), fused.columns(values))
        if let cache = pass.cache {
            backend.putRows(k, cache.rows, into: cache.keys)
            backend.putRows(v, cache.rows, into: cache.values)
            (k, v) = (cache.keys, cache.values)
        }
        let attended = kept.attention.rows(rows)
        backend.attention(
            fused.columns(queries),
            keys: k,
            values: v,
            segments: pass.segments,
            shape: attentionShape,
            into: attended,
            logSumExp: kept.logSumExp.rows(rows)
        )
        let middle = kept.middle.rows(rows)
        backend.copy(x, into: middle)
        output.forward(attended, into: middle, adds: true, pass, pass.panels?.output)
        feedForward(middle, into: next, pass)
    }

    private func feedForward(_ middle: Tensor, into next: Tensor, _ pass: LayerPass) {
        let (backend, kept, rows) = (pass.backend, pass.kept, 0..<middle.rows)
        let normed = pass.activations.normed.rows(rows)
        let activated = pass.activations.activated.rows(rows)
        backend.rmsNorm(
            middle,
            weight: feedForwardNorm,
            epsilon: epsilon,
            into: normed,
            inverseRMS: kept.inverse2
        )
        gateUp.forward(
            normed,
            into: kept.gateUp.rows(rows),
            adds: false,
            pass,
            pass.panels?.gateUp
        )
        backend.swiglu(kept.gateUp.rows(rows), into: activated)
        backend.copy(middle, into: next)
        down.forward(activated, into: next, adds: true, pass, pass.panels?.down)
    }

    /// Turns ∂loss/∂(output) in `scratch.residual` into ∂loss/∂x, adding to all gradients.
    func backward(_ x: Tensor, _ scratch: BackwardScratch, _ pass: LayerPass) {
        let rows = 0..<x.rows
        feedForwardBackward(scratch.residual.rows(rows), scratch, pass, rows)
        attentionBackward(x, scratch.residual.rows(rows), scratch, pass, rows)
    }

    private func feedForwardBackward(
        _ dx: Tensor,
        _ scratch: BackwardScratch,
        _ pass: LayerPass,
        _ rows: Range<Int>
    ) {
        let (backend, kept) = (pass.backend, pass.kept)
        let activated = pass.activations.activated.rows(rows)
        let normed = pass.activations.normed.rows(rows)
        let middle = kept.middle.rows(rows)
        let (dActivated, dGateUp) = (scratch.activated.rows(rows), scratch.gateUp.rows(rows))
        let dNormed = scratch.normed.rows(rows)
        backend.swiglu(kept.gateUp.rows(rows), into: activated)
        down.backward(dx, activated, into: dActivated, backend, pass.adapterScratch)
        backend.swigluBackward(dActivated, kept.gateUp.rows(rows), into: dGateUp)
        backend.rmsNorm(
            middle,
            weight: feedForwardNorm,
            epsilon: epsilon,
            into: normed,
            inverseRMS: kept.inverse2
        )
        gateUp.backward(dGateUp, normed, into: dNormed, backend, pass.adapterScratch)
        backend.rmsNormBackward(
            dNormed,
            middle,
            weight: feedForwardNorm,
            inverseRMS: kept.inverse2,
            into: dx,
            dWeight: feedForwardNormGradient
        )
    }

    private func attentionBackward(
        _ x: Tensor,
        _ dx: Tensor,
        _ scratch: BackwardScratch,
        _ pass: LayerPass,
        _ rows: Range<Int>
    ) {
        let (backend, kept) = (pass.backend, pass.kept)
        let fused = kept.queryKeyValue.rows(rows)
        let (dFused, dAttended) = (scratch.queryKeyValue.rows(rows), scratch.attention.rows(rows))
        let (normed, dNormed) = (pass.activations.normed.rows(rows), scratch.normed.rows(rows))
        output.backward(
            dx,
            kept.attention.rows(rows),
            into: dAttended,
            backend,
            pass.adapterScratch
        )
        backend.zero(dFused)
        backend.attentionBackward(
            dAttended,
            q: fused.columns(queries),
            keys: fused.columns(keys),
            values: fused.columns(values),
            out: kept.attention.rows(rows),
            logSumExp: kept.logSumExp.rows(rows),
            segments: pass.segments,
            shape: attentionShape,
            dq: dFused.columns(queries),
            dKeys: dFused.columns(keys),
            dValues: dFused.columns(values)
        )
        for heads in [queries, keys] {
            backend.rope(
                dFused.columns(heads),
                headSize: shape.headSize,
                positions: pass.positions,
                table: pass.rotary,
                inverse: true
            )
        }
        backend.rmsNorm(
            x,
            weight: attentionNorm,
            epsilon: epsilon,
            into: normed,
            inverseRMS: kept.inverse1
        )
        queryKeyValue.backward(dFused, normed, into: dNormed, backend, pass.adapterScratch)
        backend.rmsNormBackward(
            dNormed,
            x,
            weight: attentionNorm,
            inverseRMS: kept.inverse1,
            into: dx,
            dWeight: attentionNormGradient
        )
    }
}

/// What a layer needs to know about the pass it is part of.
struct LayerPass: Sendable {
    let backend: any Backend
    let activations: Activations
    let kept: LayerActivations
    let positions: [Int32]
    let segments: [AttentionSegment]
    let rotary: RotaryTable
    let cache: LayerCache?
    /// Packed weights to read in place of the layer's own.
    var panels: LayerPanels?

    var adapterScratch: Tensor { activations.adapterScratch }
}

/// One layer's part of a key/value cache, and the rows that the new tokens get in it.
struct LayerCache: Sendable {
    let keys: Tensor
    let values: Tensor
    let rows: [Int32]
}
