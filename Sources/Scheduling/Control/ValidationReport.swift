public import Domain

/// What a run spec would take, and what is wrong with it.
public struct ValidationReport: Sendable, Hashable, Codable {
    /// Everything wrong, each with its JSON path; empty when the run can start.
    public var faults: [Fault]
    /// Peak resident memory of the run's workers together, bytes; `nil` when faults hid it.
    public var memoryBytes: Int?
    /// Disk the run's checkpoints and published model take at most, bytes.
    public var diskBytes: Int?
    /// A rough estimate from token counts: right within a factor of a few, not a promise.
    public var seconds: Double?

    /// A report; without faults the run can start.
    public init(
        faults: [Fault] = [],
        memoryBytes: Int? = nil,
        diskBytes: Int? = nil,
        seconds: Double? = nil
    ) {
        self.faults = faults
        self.memoryBytes = memoryBytes
        self.diskBytes = diskBytes
        self.seconds = seconds
    }

    /// Whether the run can start: there are no faults.
    public var isValid: Bool { faults.isEmpty }
}
