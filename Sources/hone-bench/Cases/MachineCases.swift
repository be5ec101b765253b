import Dispatch
import Kernels

extension BenchmarkCase {
    /// The denominator of every fraction of the GEMM peak.
    static let gemmPeak = BenchmarkCase(
        "gemm-peak",
        "products of float32 matrices in the fastest of a few shapes; the fastest run counts"
    ) { bench in
        // Large ones, and those of a model; powers of two suffer from the cache's mapping.
        let shapes: [(rows: Int, inner: Int, columns: Int)] = [
            (1000, 1000, 1000), (2000, 2000, 2000), (3000, 3000, 3000), (1024, 576, 3072),
            (1024, 1536, 576), (2000, 3000, 1000),
        ]
        let products = shapes.map { Product($0.rows, $0.inner, $0.columns, on: bench.backend) }
        var best = (product: products[0], speed: 0.0)
        for product in products {
            product.run()
            let speed = (0..<3).map { _ in product.operations / product.seconds() }.max() ?? 0
            if speed > best.speed { best = (product, speed) }
        }
        let product = best.product
        // So many that one run is long enough to time.
        let count = max(1, Int(20e9 / product.operations))
        return Work(usefulOperations: Double(count) * product.operations, countsFastest: true) {
            for _ in 0..<count { product.run() }
            return nil
        }
    }

    /// The denominator of every fraction of the bandwidth.
    static let memoryBandwidth = BenchmarkCase(
        "memory-bandwidth",
        "512 MiB read from one end to the other, each thread its share; the fastest run counts"
    ) { bench in
        let memory = ReadableMemory(byteCount: 512 << 20)
        let threads = bench.threads
        return Work(bytesRead: Double(memory.byteCount), countsFastest: true) {
            memory.read(threads: threads)
            return nil
        }
    }
}

/// y = x · wᵀ, again and again.
private struct Product {
    let operations: Double
    private let x: Tensor
    private let w: Tensor
    private let y: Tensor
    private let backend: CPUBackend

    init(_ rows: Int, _ inner: Int, _ columns: Int, on backend: CPUBackend) {
        operations = 2 * Double(rows) * Double(inner) * Double(columns)
        x = Tensor(rows: rows, columns: inner)
        w = Tensor(rows: columns, columns: inner)
        y = Tensor(rows: rows, columns: columns)
        self.backend = backend
        // Not zeros: some processors are faster on them.
        let row = (0..<inner).map { Float($0 % 7) - 3 }
        for index in 0..<rows { x.rows(index..<index + 1).assign(row) }
        for index in 0..<columns { w.rows(index..<index + 1).assign(row) }
    }

    func run() { backend.linear(x, w, into: y, adds: false) }

    /// Of one run.
    func seconds() -> Double {
        let clock = ContinuousClock()
        return clock.measure { run() } / .seconds(1)
    }
}

/// Memory that is there to be read.
private final class ReadableMemory: Sendable {
    private typealias Piece = SIMD16<UInt64>

    let byteCount: Int
    private let words: [UInt64]

    init(byteCount: Int) {
        self.byteCount = byteCount
        words = [UInt64](repeating: 1, count: byteCount / 8)
    }

    /// Reads all of it once.
    func read(threads: Int) {
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let total = words.withUnsafeBytes { bytes in
                let pieces = bytes.count / MemoryLayout<Piece>.size
                let share = pieces * thread / threads..<pieces * (thread + 1) / threads
                return Self.sum(bytes, share)
            }
            // Without a use of the sum the compiler would drop the loop.
            precondition(total > 0)
        }
    }

    private static func sum(_ bytes: UnsafeRawBufferPointer, _ pieces: Range<Int>) -> UInt64 {
        var sum = Piece.zero
        for piece in pieces {
            sum &+= bytes.load(fromByteOffset: piece * MemoryLayout<Piece>.size, as: Piece.self)
        }
        return sum.wrappedSum()
    }
}
