import Dispatch

/// Runs the store's actor on a queue of its own, so that a slow disk never holds a thread of the
/// cooperative pool.
final class StoreExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "hone.store")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
