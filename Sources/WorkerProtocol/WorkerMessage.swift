public import Domain

/// What travels between the daemon and a worker, one frame each.
public enum WorkerMessage: Sendable, Codable {
    /// The worker's first frame.
    case hello(Hello)
    /// From the daemon.
    case request(id: Int, WorkerRequest)
    /// From the daemon: nobody waits for the request of this id any more.
    ///
    /// One that waits or shares its work is dropped and answered as failed; one at work alone is
    /// done and answered.
    case cancel(id: Int)
    /// From the worker: the answer to the request of the same id.
    case reply(id: Int, WorkerReply)
    /// From the worker, before the answer to the request of the same id: what was drawn meanwhile.
    case drawn(id: Int, [DrawnToken])
    /// From the worker, about once a second from a thread of its own, busy or not.
    case heartbeat(Heartbeat)
}

extension WorkerMessage {
    /// The protocol's version; both ends must agree.
    public static let protocolVersion = 3

    /// Who the worker is, sent once before anything else.
    public struct Hello: Sendable, Codable {
        /// The version the worker speaks.
        public var protocolVersion: Int
        /// The worker's process id.
        public var processID: Int32
        /// Place among the processes that share one role (data parallel); 0 of 1 on one machine.
        public var rank: Int
        /// How many processes share the role.
        public var size: Int
        /// A greeting with the worker's version, process and place.
        public init(protocolVersion: Int, processID: Int32, rank: Int, size: Int) {
            self.protocolVersion = protocolVersion
            self.processID = processID
            self.rank = rank
            self.size = size
        }
    }

    /// A sign of life, with how far the current request is.
    public struct Heartbeat: Sendable, Codable {
        /// What it is doing, in words; empty when idle.
        public var activity: String
        /// Work units done and to do within the current request (tokens, texts); 0 of 0 when unknown.
        public var completed: Int
        /// Work units of the current request in all.
        public var total: Int
        /// Memory of the worker that is in RAM, bytes.
        public var residentBytes: Int
        /// What sampling has done since the worker's policy was opened.
        public var sampling: SamplingCounts
        /// What the worker tells of itself at one moment.
        public init(
            activity: String,
            completed: Int,
            total: Int,
            residentBytes: Int,
            sampling: SamplingCounts = SamplingCounts()
        ) {
            self.sampling = sampling
            self.activity = activity
            self.completed = completed
            self.total = total
            self.residentBytes = residentBytes
        }
    }
}
