import Dispatch

/// Work that waits for the disk, one at a time and beside the threads that run tasks: those are as few as the
/// processor's cores, and everything else goes on there.
enum DiskQueue {
    private static let queue = DispatchQueue(label: "hone.disk")

    /// Runs a closure there and waits for its end.
    ///
    /// - Throws: what the closure throws.
    static func run<Result: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let result = await withCheckedContinuation { continuation in
            queue.async {
                do throws(Failure) {
                    continuation.resume(
                        returning: Swift.Result<Result, Failure>.success(try body())
                    )
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
