/// One thing that is measured, by a name that stays the same from version to version.
struct BenchmarkCase: Sendable {
    /// For `--cases`, tables and the history.
    let name: String
    /// What is done in one run and how tokens are counted, in a line.
    let meaning: String
    /// Set for a case that does another's work without one of the designed savings.
    var leavesOut: Saving?
    /// Opens what the runs need; its time does not count.
    let prepare: @Sendable (Workbench) throws -> Work

    init(
        _ name: String,
        _ meaning: String,
        leavesOut: Saving? = nil,
        prepare: @escaping @Sendable (Workbench) throws -> Work
    ) {
        self.name = name
        self.meaning = meaning
        self.leavesOut = leavesOut
        self.prepare = prepare
    }
}

/// A designed saving: what it is called, and the case that has it.
struct Saving: Sendable, Hashable {
    let name: String
    let of: String
}

/// What a prepared case does again and again.
struct Work {
    /// Tokens of one run, counted as the case's meaning says.
    var tokens: Int?
    /// Floating-point operations that the result needs, of one run.
    var usefulOperations: Double?
    /// Bytes of memory that one run has to read.
    var bytesRead: Double?
    /// Whether speeds are those of the fastest run, not of the median: what a machine can do.
    var countsFastest = false
    /// Whether one run goes ahead that is not measured.
    var isWarmedUp = true
    /// One run; returns the part of its time that counts, `nil` for all of it.
    let run: () throws -> Duration?
}
