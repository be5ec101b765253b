public import Domain
public import Foundation

/// A file that a client uploaded.
public struct FileRecord: Sendable, Hashable {
    /// `file-` and letters and digits, unique for ever.
    public var id: String
    /// As the client called it.
    public var filename: String
    /// What it is for, in OpenAI's words.
    public var purpose: String
    /// Its size.
    public var byteCount: Int
    /// When it was uploaded.
    public var createdAt: Date
    /// When it goes by itself; `nil`: it stays.
    public var expiresAt: Date?

    /// A record of a file that is on disk.
    public init(
        id: String,
        filename: String,
        purpose: String,
        byteCount: Int,
        createdAt: Date,
        expiresAt: Date? = nil
    ) {
        self.id = id
        self.filename = filename
        self.purpose = purpose
        self.byteCount = byteCount
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// A run that was asked for as a fine-tuning job.
public struct FineTuningJobRecord: Sendable, Hashable {
    /// `ftjob-` and letters and digits, unique for ever; also the run's name.
    public var id: String
    /// What was asked for, with what "auto" has become.
    public var request: Value
    /// The run.
    public var run: RunRecord

    /// A job and its run.
    public init(id: String, request: Value, run: RunRecord) {
        self.id = id
        self.request = request
        self.run = run
    }
}
