/// Why a worker that still runs has to be killed.
enum WorkerVerdict: Sendable, Hashable {
    case deadlinePassed(request: String, after: Duration)
    case silent(for: Duration)
    case stalled(request: String, for: Duration)
    case noHello(within: Duration)
}
