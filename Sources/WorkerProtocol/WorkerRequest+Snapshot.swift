extension WorkerRequest {
    /// Where the open policy's weights are published to another process.
    public struct Snapshot: Sendable, Codable {
        /// The folder to publish, a model folder; an existing one is replaced whole.
        ///
        /// It is not flushed to the disk: it may be lost with the power, never be half there.
        public var destination: String

        /// A snapshot at `destination`.
        public init(destination: String) { self.destination = destination }
    }
}
