import CKernels

// Attention. The unit of work is (run of queries, key head): the query heads that share a key head
// stay together, so that the backward pass adds to each key's gradient from one thread only.
extension CPUBackend {
    /// Query rows of one part of the backward pass: scores never take more than this times the
    /// visible keys.
    private static let blockRows = 64
    /// Query rows of one part of the forward pass, which share the keys they load.
    private static let forwardRows = 16

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
        if segments.allSatisfy({ $0.queryCount <= Self.forwardRows }) {
            // Decoding: a few segments a part, since each is little work.
            let perPart = max(1, segments.count / (pool.threadCount * 8))
            let parts = (segments.count + perPart - 1) / perPart
            pool.run(parts: parts * heads) { part, thread in
                let first = part / heads * perPart
                for segment in segments[first..<min(segments.count, first + perPart)] {
                    let all = 0..<segment.queryCount
                    pass.forward(segment, all, keyHead: part % heads, scratch[thread])
                }
            }
            return
        }
        // The last blocks see most keys: they come first, so that no thread is left with one.
        let blocks = segments.indices.flatMap { index in
            stride(from: 0, to: segments[index].queryCount, by: Self.forwardRows).map {
                (index, $0..<min(segments[index].queryCount, $0 + Self.forwardRows))
            }
        }
        pool.run(parts: blocks.count * heads) { part, thread in
            let (index, rows) = blocks[blocks.count - 1 - part / heads]
            pass.forward(segments[index], rows, keyHead: part % heads, scratch[thread])
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

    /// Some queries of a segment, of the heads that share one key head.
    func forward(
        _ segment: AttentionSegment,
        _ queries: Range<Int>,
        keyHead: Int,
        _ scratch: CPUBackend.Scratch
    ) {
        let channel = keyHead * shape.headSize
        let head = keyHead * shape.groupSize
        let row = segment.queryStart + queries.lowerBound
        let visible = segment.keyCount - segment.queryCount + queries.lowerBound + 1
        let columns = segment.prefixCount + visible + queries.count + 7
        ck_attention(
            out.row(row) + head * shape.headSize,
            out.stride,
            q.row(row) + head * shape.headSize,
            q.stride,
            queries.count,
            shape.groupSize,
            shape.headSize,
            keys.row(segment.prefixStart) + channel,
            values.row(segment.prefixStart) + channel,
            segment.prefixCount,
            keys.row(segment.keyStart) + channel,
            values.row(segment.keyStart) + channel,
            visible,
            keys.stride,
            shape.scale,
            scratch.floats(queries.count * shape.groupSize * columns),
            columns,
            lse.row(row) + head,
            lse.stride
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
