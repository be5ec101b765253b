import CLinux
import Glibc

/// A thread outside the cooperative pool, for work that blocks.
enum OwnThread {
    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs the closure on a new detached thread.
    ///
    /// - Parameters:
    ///   - name: seen in debuggers; the kernel keeps 15 bytes.
    ///   - body: what the thread does before it ends.
    /// - Throws: `HTTPServerError.system` when the system refuses another thread.
    static func start(
        _ name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(HTTPServerError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        let work = Unmanaged.passRetained(Work(name: name, body: body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                clinux_prepare_thread(work.name)
                work.body()
                return nil
            },
            work.toOpaque()
        )
        guard result != 0 else { return }
        work.release()
        throw .system(call: "pthread_create", errno: result)
    }
}
