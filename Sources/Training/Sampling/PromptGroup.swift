import Domain

/// One prompt of a job while its completions are being drawn.
final class PromptGroup {
    let job: SamplingJob
    /// The prompt's place in the request.
    let index: Int
    let prompt: [Int32]
    /// The most tokens of one completion: what was asked for, as far as the context allows.
    let tokenLimit: Int
    /// Cache rows of the prompt.
    private(set) var rows = 0..<0
    /// Leading tokens whose keys and values are in their rows.
    var computed = 0
    /// Members that are not finished.
    var unfinished: Int
    /// What became of its rows in the prefix cache; `nil` until it is computed.
    var insertion: PrefixCache.Insertion?
    /// Whether its rows were computed by the weights as they are, all of them.
    var isCurrent = true

    init(_ job: SamplingJob, index: Int, context: Int) {
        self.job = job
        self.index = index
        prompt = job.request.prompts[index]
        tokenLimit = max(1, min(job.request.parameters.maxTokens, context - prompt.count))
        unfinished = job.request.groupSize
    }

    /// What its draws are seeded by.
    var stream: Int { job.request.streams[index] }
    /// Rows of one member's own tokens: the last one is never fed back.
    var ownRowCount: Int { tokenLimit - 1 }
    /// Rows of all its members.
    var memberRowCount: Int { ownRowCount * job.request.groupSize }
    var isComputed: Bool { computed == prompt.count }
    /// The prompt's rows that are not the prefix cache's.
    var privateRows: Range<Int> {
        guard let insertion, insertion.node != nil else { return rows }
        return rows.prefix(insertion.known)
    }

    /// Begins with the rows it was given, the first `computed` of them filled.
    func begin(_ rows: Range<Int>, computed: Int) {
        self.rows = rows
        self.computed = computed
    }
}
