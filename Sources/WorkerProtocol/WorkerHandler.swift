public import Domain

/// What does a worker's work; always called on the thread that runs the server.
public protocol WorkerHandler {
    /// Does one unit of work while nothing else is under way.
    ///
    /// `.shutdown` never comes here: the server answers it.
    /// - Parameters:
    ///   - request: What to do.
    ///   - progress: Where to say how far the work is; sent with each heartbeat.
    /// - Returns: The answer.
    /// - Throws: A `HoneError` to be answered as it is; any other error is answered as
    ///   `internal_error`.
    func handle(_ request: WorkerRequest, progress: WorkerProgress) throws -> WorkerReply

    /// Takes up a request that is computed together with others, step by step.
    ///
    /// Only requests that say `sharesWork` come here, also while others are under way.
    /// - Parameters:
    ///   - request: What to do.
    ///   - id: What `advance` and `drop` call it.
    /// - Returns: Whether it was taken up; `false` leaves it to `handle`.
    /// - Throws: Why this request cannot be done, as in `handle`; the others go on.
    func begin(_ request: WorkerRequest, id: Int) throws -> Bool

    /// Does a small part of what was taken up.
    ///
    /// - Parameter progress: Where to say how far all of it is.
    /// - Returns: The answers of the requests that are done now.
    func advance(progress: WorkerProgress) -> [SharedAnswer]

    /// What the last `advance` drew for requests that want to see it, by their ids.
    func takeDrawn() -> [(id: Int, tokens: [DrawnToken])]

    /// Gives up a request that was taken up: nobody waits for it.
    func drop(id: Int)
}

/// The answer to a request that was computed together with others.
public struct SharedAnswer {
    /// The request's id.
    public var id: Int
    /// The reply, or an error that is answered as one thrown by `handle`.
    public var result: Result<WorkerReply, any Error>

    /// An answer to the request of this id.
    public init(id: Int, result: Result<WorkerReply, any Error>) {
        self.id = id
        self.result = result
    }
}

// A handler that does one thing at a time.
extension WorkerHandler {
    /// Takes nothing up.
    public func begin(_ request: WorkerRequest, id: Int) throws -> Bool { false }
    /// Has nothing to do.
    public func advance(progress: WorkerProgress) -> [SharedAnswer] { [] }
    /// Has nothing to tell.
    public func takeDrawn() -> [(id: Int, tokens: [DrawnToken])] { [] }
    /// Has nothing to give up.
    public func drop(id: Int) {}
}
