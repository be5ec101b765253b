import Kernels
import Testing

@Suite struct `Thread pool` {
    @Test(arguments: 1...3)
    func `every part runs exactly once, loop after loop`(threads: Int) {
        let pool = ThreadPool(threadCount: threads)
        let counts = UnsafeMutablePointer<Int>.allocate(capacity: 200)
        counts.initialize(repeating: 0, count: 200)
        defer { counts.deallocate() }
        var expected = [Int](repeating: 0, count: 200)
        for loop in 0..<700 {
            let parts = [0, 1, 2, 3, 7, 16, 200][loop % 7]
            pool.run(parts: parts) { part, _ in counts[part] += 1 }
            for part in 0..<parts { expected[part] += 1 }
        }
        #expect(Array(UnsafeBufferPointer(start: counts, count: 200)) == expected)
    }

    @Test(arguments: 1...3)
    func `two parts never share a thread number at the same time`(threads: Int) {
        let pool = ThreadPool(threadCount: threads)
        let busy = UnsafeMutablePointer<Int>.allocate(capacity: threads)
        busy.initialize(repeating: 0, count: threads)
        defer { busy.deallocate() }
        // A sum kept for each thread loses additions if another part runs under its number.
        for _ in 0..<60 { pool.run(parts: 50) { part, thread in busy[thread] += part } }
        let sum = (0..<threads).reduce(0) { $0 + busy[$1] }
        #expect(sum == 60 * 49 * 50 / 2)
    }

    @Test(arguments: 1...3, [1, 4, 16])
    func `ranges cover everything once and begin at whole grains`(threads: Int, grain: Int) {
        let pool = ThreadPool(threadCount: threads)
        let covered = UnsafeMutablePointer<Int>.allocate(capacity: 131)
        let starts = UnsafeMutablePointer<Int>.allocate(capacity: 131)
        defer {
            covered.deallocate()
            starts.deallocate()
        }
        for count in [0, 1, 3, 4, 15, 16, 17, 64, 131] {
            covered.initialize(repeating: 0, count: 131)
            starts.initialize(repeating: 0, count: 131)
            pool.run(count: count, grain: grain) { range, _ in
                starts[range.lowerBound] = 1
                for index in range { covered[index] += 1 }
            }
            #expect((0..<131).allSatisfy { covered[$0] == ($0 < count ? 1 : 0) })
            let begins = (0..<131).filter { starts[$0] == 1 }
            #expect(begins.allSatisfy { $0 % grain == 0 } && begins.count <= threads)
        }
    }

    @Test func `fewer than one thread is one`() {
        #expect(ThreadPool(threadCount: 0).threadCount == 1)
        #expect(ThreadPool(threadCount: -3).threadCount == 1)
    }

    /// Work is cut by rows and heads, and each is summed in one order: the cut must not show.
    @Test func `one, two and three threads give the same bits`() {
        let results = (1...3).map { Self.layer(CPUBackend(threadCount: $0)) }
        #expect(results[0].allSatisfy { $0.isFinite })
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    /// Norm, projection, attention, feed-forward and log-softmax over eleven tokens.
    private static func layer(_ backend: CPUBackend) -> [Float] {
        let (x, inverse) = (Matrix.random(11, 24, seed: 1).tensor, Tensor(rows: 1, columns: 11))
        let (normed, fused) = (Tensor(rows: 11, columns: 24), Tensor(rows: 11, columns: 48))
        backend.rmsNorm(
            x,
            weight: Matrix.random(1, 24, seed: 2).tensor,
            epsilon: 1e-5,
            into: normed,
            inverseRMS: inverse
        )
        backend.linear(normed, Matrix.random(48, 24, seed: 3).tensor, into: fused, adds: false)
        let (out, lse) = (Tensor(rows: 11, columns: 24), Tensor(rows: 11, columns: 4))
        backend.attention(
            fused.columns(0..<24),
            keys: fused.columns(24..<36),
            values: fused.columns(36..<48),
            segments: [
                AttentionSegment(queryStart: 0, queryCount: 7, keyStart: 0, keyCount: 7),
                AttentionSegment(
                    queryStart: 7,
                    queryCount: 4,
                    keyStart: 7,
                    keyCount: 4,
                    prefixCount: 7
                ),
            ],
            shape: AttentionShape(headCount: 4, keyValueHeadCount: 2, headSize: 6),
            into: out,
            logSumExp: lse
        )
        let activated = Tensor(rows: 11, columns: 12)
        backend.swiglu(out, into: activated)
        let logits = Tensor(rows: 11, columns: 60)
        backend.linear(activated, Matrix.random(60, 12, seed: 4).tensor, into: logits, adds: false)
        let (sums, logprobs) = (Tensor(rows: 1, columns: 11), Tensor(rows: 1, columns: 11))
        backend.logSoftmax(
            logits,
            targets: [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5][...],
            lse: sums,
            logprobs: logprobs,
            entropies: Tensor(rows: 1, columns: 11)
        )
        return out.hostCopy() + logits.hostCopy() + logprobs.hostCopy()
    }
}
