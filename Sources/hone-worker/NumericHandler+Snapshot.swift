import Training
import WorkerProtocol

extension NumericHandler {
    /// Publishes the open policy for a sampler in another process.
    func snapshot(_ job: WorkerRequest.Snapshot) throws -> WorkerReply {
        try openedPolicy().publishSnapshot(to: job.destination)
        return .done
    }
}
