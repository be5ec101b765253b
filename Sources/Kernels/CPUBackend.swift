import CKernels
import COpenBLAS

/// The operations on the CPU: matrix products by OpenBLAS, everything else by `CKernels`.
///
/// OpenBLAS runs single-threaded and this class splits the work, so that the result depends on the
/// thread count only and no two thread pools wait for each other.
///
/// `@unchecked Sendable`: one compute thread at a time calls the operations; `scratch` is theirs.
public final class CPUBackend: Backend, @unchecked Sendable {
    /// The threads of every operation.
    public let pool: ThreadPool
    var scratch: [Scratch]

    /// - Parameter threadCount: threads that share each operation.
    public init(threadCount: Int) {
        openblas_set_num_threads(1)
        pool = ThreadPool(threadCount: threadCount)
        scratch = (0..<pool.threadCount).map { _ in Scratch() }
    }

    /// OpenBLAS's own description of its build and the core it was chosen for.
    public static var blasDescription: String {
        let configuration = openblas_get_config().map { String(cString: $0) } ?? "BLAS"
        let core = openblas_get_corename().map { String(cString: $0) } ?? ""
        return "\(configuration) (\(core))"
    }

    /// Memory of one thread that grows to the largest use and is then reused.
    ///
    /// `@unchecked Sendable`: only the thread that it belongs to touches it.
    final class Scratch: @unchecked Sendable {
        private var storage = Storage<Float>(count: 1024)

        /// At least `count` floats with unspecified contents.
        func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
            if storage.count < count { storage = Storage(count: count + count / 4) }
            return storage.base
        }
    }
}
