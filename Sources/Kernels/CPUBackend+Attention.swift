import CKernels

// Attention. The unit of work is (run of queries, key head): the query heads that share a key head
// stay together, so that the backward pass adds to each key's gradient from one thread only.
extension CPUBackend {
    /// Query rows handled at once: scores never take more than this times the visible keys.
    private static let blockRows = 64

    /// Attention of every segment's queries over its prefix and its own keys up to each query.
    ///
    /// Keeps each query's log-sum-exp a head, so that the backward pass needs no score matrix.
    public func attention(
        _ q: Tensor,
        keys: Tensor,
        values: Tensor,
        segments: [AttentionSegment],
        shape: AttentionShape,
        into out: Tensor,
        logSumExp: Tensor
    ) {
        precondition(keys.stride == values.stride && logSumExp.columns == shape.headCount)
        let pass = AttentionPass(
            q: q,
            keys: keys,
            values: values,
            out: out,
            lse: logSumExp,
            shape: shape
        )
        let heads = shape.keyValueHeadCount
        // Single queries (decoding) are small: a few segments a part.
        let perPart = max(1, segments.count / (pool.threadCount * 8))
        let parts = (segments.count + perPart - 1) / perPart
        pool.run(parts: parts * heads) { part, thread in
            let first = part / heads * perPart
            for segment in segments[first..<min(segments.count, first + perPart)] {
                pass.forward(segment, keyHead: part % heads, scratch[thread], Self.blockRows)
            }
        }
    }

    /// The gradients of `attention`: writes dq, adds to dKeys and dValues.
    ///
    /// Scores are computed again from q, the keys and `logSumExp`.
    public func attentionBackward(
        _ dout: Tensor,
        q: Tensor,
        keys: Tensor,
        values: Tensor,
        out: Tensor,
        logSumExp: Tensor,
        segments: [AttentionSegment],
        shape: AttentionShape,
        dq: Tensor,
        dKeys: Tensor,
        dValues: Tensor
    ) {
        let pass = AttentionPass(
            q: q,
            keys: keys,
            values: values,
            out: out,
            lse: logSumExp,
            shape: shape
        )
        let gradients = AttentionGradients(dout: dout, dq: dq, dKeys: dKeys, dValues: dValues)
        let families = Self.families(segments)
        let heads = shape.keyValueHeadCount
        pool.run(parts: families.count * heads) { part, thread in
            for index in families[part / heads] {
                pass.backward(
                    segments[index],
                    keyHead: part % heads,
                    gradients,
                    scratch[thread],
                    Self.blockRows
                )
            }
        }
    }

    /// Segments that share keys, together: a prefix and all that continue it.
    static func families(_ segments: [AttentionSegment]) -> [[Int]] {
        var familyOfKeyStart: [Int: Int] = [:]
        var families: [[Int]] = []
        for (index, segment) in segments.enumerated() {
            let start = segment.prefixCount > 0 ? segment.prefixStart : segment.keyStart
            if let family = familyOfKeyStart[start] {
                families[family].append(index)
            } else {
                familyOfKeyStart[start] = families.count
                families.append([index])
            }
        }
        return families
    }
}

/// The gradients of one attention layer.
private struct AttentionGradients {
    let dout: Tensor
    let dq: Tensor
    let dKeys: Tensor
    let dValues: Tensor
}

/// The matrices of one attention layer and the work on one segment and key head.
private struct AttentionPass {
    let q: Tensor
    let keys: Tensor
    let values: Tensor
    let out: Tensor
    let lse: Tensor
    let shape: AttentionShape

    func forward(
        _ segment: AttentionSegment,
        keyHead: Int,
        _ scratch: CPUBackend.Scratch,
        _ blockRows: Int
    ) {
        let channel = keyHead * shape.headSize
        if segment.queryCount == 1 {
            single(segment, keyHead: keyHead, scratch)
            return
        }
        for start in stride(from: 0, to: segment.queryCount, by: blockRows) {
            let block = Block(segment, start, min(blockRows, segment.queryCount - start))
            let scores = scratch.floats(block.rows * block.columns)
            for head in keyHead * shape.groupSize..<(keyHead + 1) * shape.groupSize {
                let queryChannel = head * shape.headSize
                scoreBlock(block, channel, queryChannel, q, keys, into: scores)
                ck_causal_softmax(
                    scores,
                    block.columns,
                    block.rows,
                    block.columns,
                    block.visible,
                    shape.scale,
                    lse.row(block.firstRow) + head,
                    lse.stride
                )
                let target = out.row(block.firstRow) + queryChannel
                for (run, first) in block.runs where run.count > 0 {
                    gemm(
                        .no,
                        .no,
                        block.rows,
                        shape.headSize,
                        run.count,
                        scores + first,
                        block.columns,
                        values.row(run.lowerBound) + channel,
                        values.stride,
                        first == 0 ? 0 : 1,
                        target,
                        out.stride
                    )
                }
            }
        }
    }

    private func single(_ segment: AttentionSegment, keyHead: Int, _ scratch: CPUBackend.Scratch) {
        let channel = keyHead * shape.headSize
        let head = keyHead * shape.groupSize
        let row = segment.queryStart
        ck_attention_single(
            out.row(row) + head * shape.headSize,
            q.row(row) + head * shape.headSize,
            shape.groupSize,
            shape.headSize,
            keys.row(segment.prefixStart) + channel,
            values.row(segment.prefixStart) + channel,
            segment.prefixCount,
            keys.row(segment.keyStart) + channel,
            values.row(segment.keyStart) + channel,
            segment.keyCount,
            keys.stride,
            shape.scale,
            scratch.floats(shape.groupSize * segment.visibleCount),
            lse.row(row) + head
        )
    }

    func backward(
        _ segment: AttentionSegment,
        keyHead: Int,
        _ gradients: AttentionGradients,
        _ scratch: CPUBackend.Scratch,
        _ blockRows: Int
    ) {
        for start in stride(from: 0, to: segment.queryCount, by: blockRows) {
            let block = Block(segment, start, min(blockRows, segment.queryCount - start))
            let p = scratch.floats(2 * block.rows * block.columns)
            let ds = p + block.rows * block.columns
            for head in keyHead * shape.groupSize..<(keyHead + 1) * shape.groupSize {
                backward(block, keyHead * shape.headSize, head, gradients, p, ds)
            }
        }
    }

    private func backward(
        _ block: Block,
        _ channel: Int,
        _ head: Int,
        _ gradients: AttentionGradients,
        _ p: UnsafeMutablePointer<Float>,
        _ ds: UnsafeMutablePointer<Float>
    ) {
        let queryChannel = head * shape.headSize
        let dout = gradients.dout.row(block.firstRow) + queryChannel
        scoreBlock(block, channel, queryChannel, q, keys, into: p)
        ck_causal_probabilities(
            p,
            block.columns,
            block.rows,
            block.columns,
            block.visible,
            shape.scale,
            lse.row(block.firstRow) + head,
            lse.stride
        )
        scoreBlock(block, channel, queryChannel, gradients.dout, values, into: ds)
        ck_softmax_backward(
            ds,
            block.columns,
            p,
            block.columns,
            block.rows,
            block.columns,
            dout,
            gradients.dout.stride,
            out.row(block.firstRow) + queryChannel,
            out.stride,
            shape.headSize,
            shape.scale
        )
        for (run, first) in block.runs where run.count > 0 {
            gemm(
                .no,
                .no,
                block.rows,
                shape.headSize,
                run.count,
                ds + first,
                block.columns,
                keys.row(run.lowerBound) + channel,
                keys.stride,
                first == 0 ? 0 : 1,
                gradients.dq.row(block.firstRow) + queryChannel,
                gradients.dq.stride
            )
            gemm(
                .yes,
                .no,
                run.count,
                shape.headSize,
                block.rows,
                ds + first,
                block.columns,
                q.row(block.firstRow) + queryChannel,
                q.stride,
                1,
                gradients.dKeys.row(run.lowerBound) + channel,
                gradients.dKeys.stride
            )
            gemm(
                .yes,
                .no,
                run.count,
                shape.headSize,
                block.rows,
                p + first,
                block.columns,
                dout,
                gradients.dout.stride,
                1,
                gradients.dValues.row(run.lowerBound) + channel,
                gradients.dValues.stride
            )
        }
    }

    /// Dot products of the block's rows of `left` with all rows of `right` that it may see.
    private func scoreBlock(
        _ block: Block,
        _ channel: Int,
        _ queryChannel: Int,
        _ left: Tensor,
        _ right: Tensor,
        into scores: UnsafeMutablePointer<Float>
    ) {
        for (run, first) in block.runs where run.count > 0 {
            gemm(
                .no,
                .yes,
                block.rows,
                run.count,
                shape.headSize,
                left.row(block.firstRow) + queryChannel,
                left.stride,
                right.row(run.lowerBound) + channel,
                right.stride,
                0,
                scores + first,
                block.columns
            )
        }
    }

    /// Some query rows of a segment and the keys they see: the prefix, then own keys.
    private struct Block {
        let firstRow: Int
        let rows: Int
        let prefix: Range<Int>
        let own: Range<Int>
        /// Keys that the first row sees.
        let visible: Int

        init(_ segment: AttentionSegment, _ start: Int, _ rows: Int) {
            firstRow = segment.queryStart + start
            self.rows = rows
            let before = segment.keyCount - segment.queryCount + start
            prefix = segment.prefixStart..<segment.prefixStart + segment.prefixCount
            own = segment.keyStart..<segment.keyStart + before + rows
            visible = prefix.count + before + 1
        }

        var columns: Int { prefix.count + own.count }
        /// Rows of the key matrix, and the first column of the scores they belong to.
        var runs: [(Range<Int>, Int)] { [(prefix, 0), (own, prefix.count)] }
    }
}
