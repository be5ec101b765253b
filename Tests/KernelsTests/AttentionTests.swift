import Kernels
import Testing

@Suite struct `Attention` {
    /// Scores, softmax and weighted sums over up to 140 keys, each rounded to 6e-8.
    static let tolerance = 3e-6
    /// Every head its own keys, groups of two, all heads one key head (and an odd head size).
    static let shapes = [
        AttentionShape(headCount: 4, keyValueHeadCount: 4, headSize: 8),
        AttentionShape(headCount: 4, keyValueHeadCount: 2, headSize: 8),
        AttentionShape(headCount: 6, keyValueHeadCount: 1, headSize: 5),
    ]

    /// A prompt of seven tokens with completions of 1, 4 and 6, then a text of its own.
    static let sharedPrefix = [
        AttentionSegment(queryStart: 0, queryCount: 7, keyStart: 0, keyCount: 7),
        AttentionSegment(
            queryStart: 7,
            queryCount: 1,
            keyStart: 7,
            keyCount: 1,
            prefixStart: 0,
            prefixCount: 7
        ),
        AttentionSegment(
            queryStart: 8,
            queryCount: 4,
            keyStart: 8,
            keyCount: 4,
            prefixStart: 0,
            prefixCount: 7
        ),
        AttentionSegment(
            queryStart: 12,
            queryCount: 6,
            keyStart: 12,
            keyCount: 6,
            prefixStart: 0,
            prefixCount: 7
        ),
        AttentionSegment(queryStart: 18, queryCount: 5, keyStart: 18, keyCount: 5),
    ]

    /// Queries that come after keys which are there already, with and without a prefix.
    static let keyOffset = [
        AttentionSegment(queryStart: 0, queryCount: 3, keyStart: 4, keyCount: 9),
        AttentionSegment(
            queryStart: 3,
            queryCount: 5,
            keyStart: 15,
            keyCount: 6,
            prefixStart: 0,
            prefixCount: 4
        ),
        AttentionSegment(
            queryStart: 8,
            queryCount: 1,
            keyStart: 21,
            keyCount: 4,
            prefixStart: 0,
            prefixCount: 4
        ),
    ]

    @Test(arguments: [sharedPrefix, keyOffset])
    func `the reference's gradients are its central differences`(segments: [AttentionSegment]) {
        let shape = AttentionShape(headCount: 2, keyValueHeadCount: 1, headSize: 3)
        let reference = AttentionReference(shape: shape, segments: segments)
        let input = AttentionCase(shape, segments, seed: 20)
        let (dq, dKeys, dValues) = reference.backward(input.dout, input.q, input.keys, input.values)
        func loss(_ q: Matrix, _ keys: Matrix, _ values: Matrix) -> Double {
            reference.forward(q, keys, values).out.dot(input.dout)
        }
        let byQ = centralDifferences(at: input.q) { loss($0, input.keys, input.values) }
        let byKeys = centralDifferences(at: input.keys) { loss(input.q, $0, input.values) }
        let byValues = centralDifferences(at: input.values) { loss(input.q, input.keys, $0) }
        #expect(difference(dq.elements, byQ.elements) < centralTolerance)
        #expect(difference(dKeys.elements, byKeys.elements) < centralTolerance)
        #expect(difference(dValues.elements, byValues.elements) < centralTolerance)
    }

    @Test(arguments: shapes, [sharedPrefix, keyOffset])
    func `shared prefixes and key offsets agree with the reference`(
        shape: AttentionShape,
        segments: [AttentionSegment]
    ) {
        AttentionCase(shape, segments, seed: 21).check(Self.tolerance)
    }

    @Test(arguments: [2, 63, 64, 65, 130])
    func `causal segments across the block of 64 rows agree with the reference`(length: Int) {
        let segments = [
            AttentionSegment(queryStart: 0, queryCount: 5, keyStart: 0, keyCount: 5),
            AttentionSegment(
                queryStart: 5,
                queryCount: length,
                keyStart: 5,
                keyCount: length,
                prefixStart: 0,
                prefixCount: 5
            ),
        ]
        let shape = AttentionShape(headCount: 2, keyValueHeadCount: 1, headSize: 8)
        AttentionCase(shape, segments, seed: 22).check(Self.tolerance)
    }

    /// What makes sampling with a shared or cached prompt give the bits of sampling without.
    @Test(arguments: shapes)
    func `a query gets the same bits wherever its keys are split and whoever shares the call`(
        shape: AttentionShape
    ) {
        let whole = AttentionSegment(queryStart: 0, queryCount: 75, keyStart: 0, keyCount: 140)
        let input = AttentionCase(shape, [whole], seed: 23)
        let expected = input.run([whole], threads: 2)
        for (prefix, first, count) in [
            (0, 74, 1), (1, 0, 75), (64, 10, 1), (65, 3, 17), (60, 40, 30),
        ] {
            let part = AttentionSegment(
                queryStart: first,
                queryCount: count,
                keyStart: prefix,
                keyCount: 66 + first + count - 1 - prefix,
                prefixStart: 0,
                prefixCount: prefix
            )
            let result = input.run([part], threads: 1)
            let rows = first..<first + count
            #expect(result.out.rows(rows).hostCopy() == expected.out.rows(rows).hostCopy())
            #expect(result.lse.rows(rows).hostCopy() == expected.lse.rows(rows).hostCopy())
        }
    }

    @Test func `large scores do not overflow`() {
        let shape = AttentionShape(headCount: 1, keyValueHeadCount: 1, headSize: 4)
        let segments = [AttentionSegment(queryStart: 0, queryCount: 6, keyStart: 0, keyCount: 6)]
        // Scores to ±800: the exponential's argument errs by 800 · 6e-8, and so do its values.
        AttentionCase(shape, segments, seed: 24, scale: 20).check(2e-4)
    }
}

/// Random inputs for some segments, laid out as the model has them: columns of wider matrices.
struct AttentionCase {
    let shape: AttentionShape
    let segments: [AttentionSegment]
    let q: Matrix
    let keys: Matrix
    let values: Matrix
    let dout: Matrix

    init(_ shape: AttentionShape, _ segments: [AttentionSegment], seed: UInt64, scale: Float = 2) {
        self.shape = shape
        self.segments = segments
        let queries = segments.map { $0.queryStart + $0.queryCount }.max() ?? 0
        let rows = segments.map { $0.keyStart + $0.keyCount }.max() ?? 0
        let width = shape.keyValueHeadCount * shape.headSize
        q = .random(queries, shape.headCount * shape.headSize, seed: seed, scale: scale)
        keys = .random(rows, width, seed: seed + 100, scale: scale)
        values = .random(rows, width, seed: seed + 200)
        dout = .random(queries, q.columns, seed: seed + 300)
    }

    func run(_ segments: [AttentionSegment], threads: Int) -> (out: Tensor, lse: Tensor) {
        let out = Tensor(rows: q.rows, columns: q.columns)
        let lse = Tensor(rows: q.rows, columns: shape.headCount)
        CPUBackend(threadCount: threads).attention(
            q.tensor,
            keys: keys.tensor,
            values: values.tensor,
            segments: segments,
            shape: shape,
            into: out,
            logSumExp: lse
        )
        return (out, lse)
    }

    /// Forward and backward against the reference, on 1, 2 and 3 threads.
    func check(_ tolerance: Double) {
        let reference = AttentionReference(shape: shape, segments: segments)
        let expected = reference.forward(q, keys, values)
        let gradients = reference.backward(dout, q, keys, values)
        for threads in 1...3 {
            let backend = CPUBackend(threadCount: threads)
            let (qs, ks, vs, douts) = (Strided(q), Strided(keys), Strided(values), Strided(dout))
            let out = Strided(Matrix(q.rows, q.columns))
            let lse = Tensor(rows: q.rows, columns: shape.headCount)
            backend.attention(
                qs.view,
                keys: ks.view,
                values: vs.view,
                segments: segments,
                shape: shape,
                into: out.view,
                logSumExp: lse
            )
            #expect(difference(out.view, expected.out) < tolerance)
            #expect(difference(lse, expected.logSumExp) < tolerance)
            // dq is written, whatever was there; the keys' gradients add to the caller's zeros.
            let dq = Strided(
                Matrix(q.rows, q.columns, Array(repeating: 9, count: q.elements.count))
            )
            let dKeys = Strided(Matrix(keys.rows, keys.columns))
            let dValues = Strided(Matrix(keys.rows, keys.columns))
            backend.attentionBackward(
                douts.view,
                q: qs.view,
                keys: ks.view,
                values: vs.view,
                out: out.view,
                logSumExp: lse,
                segments: segments,
                shape: shape,
                dq: dq.view,
                dKeys: dKeys.view,
                dValues: dValues.view
            )
            #expect(difference(dq.view, gradients.dq) < tolerance)
            #expect(difference(dKeys.view, gradients.dKeys) < tolerance)
            #expect(difference(dValues.view, gradients.dValues) < tolerance)
            #expect(out.isMarginUntouched && dq.isMarginUntouched)
            #expect(dKeys.isMarginUntouched && dValues.isMarginUntouched)
        }
    }
}
