public import Domain
import Kernels
public import Models

/// Draws completions for any number of requests at once, step by step.
///
/// A step is one forward pass: the next token of every sequence at work and a part of the prompts
/// that are waiting. A prompt is computed once for its group, and not at all as far as the prefix
/// cache knows it. Sequences leave with the step that finishes them; waiting ones join at the next.
/// Requests take turns with their prompts, so that a large one does not shut out the others.
///
/// The draw of token `t` of sample `s` for a prompt is Philox(seed) at (stream, s, t), and the
/// kernels give a row the same bits whatever rows share its pass: what a request draws depends on
/// the request and the weights alone.
///
/// Not thread-safe: one thread submits, steps and cancels.
public final class SamplingEngine {
    /// Prompts that begin with so many equal tokens are not computed side by side.
    ///
    /// One computes them, the others take them from the prefix cache; for fewer tokens a pass more
    /// would cost more.
    static let sharedPrefixTokens = 16
    /// The first cache has at least as many rows.
    static let firstRows = 256

    /// How much is taken on at a time.
    public let limits: SamplingLimits
    /// Whose tokens are drawn.
    public let model: Transformer
    /// Turns its hidden states into logits.
    public let head: LanguageHead
    /// Turns tokens into text.
    public let text: TextCodec
    let headScratch: Tensor
    /// The model whose distribution is mixed with the first one's; `nil` draws from one alone.
    let partner: MixturePartner?
    /// The number of the weights: keys are kept as long as it stays the same.
    var weightsVersion: () -> Int = { 0 }
    var counts = SamplingCounts()

    /// Requests with prompts that have not begun, the one whose turn it is first.
    private(set) var waiting: [SamplingJob] = []
    /// Prompts that hold cache rows.
    private var begun: [PromptGroup] = []
    /// Prompts that are not computed to their end, the oldest first.
    var prefilling: [PromptGroup] = []
    /// Sequences with their first token drawn and no rows of their own yet.
    var joining: [DecodingSequence] = []
    /// Sequences that each step gives a token.
    var active: [DecodingSequence] = []

    private(set) var cache: KeyValueCache?
    private var rows = CacheRows()
    private let prefixes: PrefixCache
    private var keysVersion = 0
    private var activations = ActivationRoom(step: 64)
    // Of the current pass; kept to be filled again.
    var pass = TokenPass()
    var logitRows: [Int32] = []
    var drawers: [Drawer] = []

    /// A sequence and the place in `logitRows` it draws from.
    struct Drawer {
        let place: Int
        let sequence: DecodingSequence
    }

    /// An idle engine; `text` turns tokens into text and knows which of them end it.
    ///
    /// With a `partner` it draws from the mixture that each request asks for.
    public init(
        model: Transformer,
        head: LanguageHead,
        text: TextCodec,
        limits: SamplingLimits = SamplingLimits(),
        partner: MixturePartner? = nil
    ) {
        self.partner = partner
        self.model = model
        self.head = head
        self.text = text
        self.limits = limits
        headScratch = Tensor(rows: head.maximumLogitRows, columns: model.configuration.hiddenSize)
        prefixes = PrefixCache(rowLimit: limits.prefixRowCount(model.configuration))
    }

    /// Whether no request is at work or waiting.
    public var isIdle: Bool { isQuiet && joining.isEmpty && waiting.isEmpty }
    /// Whether nothing would be computed now.
    private var isQuiet: Bool { active.isEmpty && prefilling.isEmpty }

    /// What was done since the engine was made.
    public var statistics: SamplingCounts {
        var result = counts
        result.prefixCacheBytes = bytes(ofRows: prefixes.rowCount)
        return result
    }

    private func bytes(ofRows count: Int) -> Int {
        KeyValueCache.bytes(model.configuration, rowCount: count)
    }

    // MARK: Requests

    /// Accepts a request; its sequences join at the next step, or when there is room.
    ///
    /// - Throws: `invalidRequest` for an empty prompt or a missing stream, `promptTooLong` for a
    ///   prompt that leaves no room.
    public func submit(_ request: SampleRequest) throws(HoneError) -> SamplingJob {
        try request.check(context: context)
        let job = SamplingJob(request)
        if !job.isFinished { waiting.append(job) }
        return job
    }

    /// The longest sequence that all its models take, tokens.
    private var context: Int {
        min(model.configuration.contextLength, partner?.contextLength ?? .max)
    }

    /// Ends a request where it is; its rows are free for others at once.
    public func cancel(_ job: SamplingJob) {
        guard !job.isFinished else { return }
        job.isCancelled = true
        waiting.removeAll { $0 === job }
        prefilling.removeAll { $0.job === job }
        joining.removeAll { $0.group.job === job }
        for sequence in active where sequence.group.job === job { rows.release(sequence.rows) }
        active.removeAll { $0.group.job === job }
        for group in begun where group.job === job { giveBack(group) }
        begun.removeAll { $0.job === job }
    }

    /// Forgets the keys and values kept for requests to come.
    ///
    /// Prompts at work keep theirs. Called by itself when the weights have changed.
    public func forgetPrefixes() {
        let held = begun.filter { $0.insertion?.node != nil }
        for run in prefixes.removeAll()
        where !held.contains(where: { $0.rows.contains(run.lowerBound) }) { rows.release(run) }
        for group in begun {
            group.insertion = nil
            group.isCurrent = false
        }
    }

    // MARK: A step

    /// Computes one pass and draws from it; does nothing when idle.
    public func step() {
        let version = weightsVersion()
        if version != keysVersion { forgetPrefixes() }
        keysVersion = version
        admit()
        fillPass()
        guard pass.count > 0 else { return }
        counts.steps += 1
        draw(from: forward(), and: partner?.forward(pass))
        settle()
    }

    private func forward() -> Tensor {
        guard let cache else { preconditionFailure("tokens have rows") }
        return model.forward(
            pass.tokens,
            pass.positions,
            pass.segments,
            activations.room(for: pass.count, of: model),
            cache: cache,
            cacheRows: pass.cacheRows
        )
    }

    // MARK: Joining

    /// Lets in what there is room for: first sequences whose prompt is computed, then prompts.
    private func admit() {
        useWeights()
        while let next = joining.first, active.count < limits.sequences,
            let run = reserve(next.group.ownRowCount)
        {
            next.rows = run
            active.append(joining.removeFirst())
        }
        while joining.isEmpty, expectedSequences < limits.sequences, let job = waiting.first {
            let group = PromptGroup(
                job,
                index: job.nextPrompt,
                context: context
            )
            guard job.panelFormat == panelFormat, !hasPrefixUnderWay(group), begin(group)
            else { break }
            job.nextPrompt += 1
            waiting.removeFirst()
            if !job.hasBegunAll { waiting.append(job) }
        }
    }

    private var panelFormat: PanelFormat { model.decoding?.format ?? .float32 }

    /// Changes to the weights that the next request wants, once nothing is at work with others.
    private func useWeights() {
        guard isQuiet, joining.isEmpty, let next = waiting.first?.panelFormat,
            next != panelFormat, let decoding = model.decoding
        else { return }
        decoding.use(next)
        forgetPrefixes()
    }

    /// Sequences there will be once all prompts at work are computed.
    private var expectedSequences: Int {
        prefilling.reduce(active.count) { $0 + $1.job.request.groupSize }
    }

    /// Whether a prompt that is being computed begins with more of this one than the cache knows.
    private func hasPrefixUnderWay(_ group: PromptGroup) -> Bool {
        let tokens = group.prompt.dropLast()
        let longest =
            prefilling.filter { $0.isCurrent && $0.prompt.count <= prefixes.rowLimit }
            .map { commonPrefixCount($0.prompt[...], tokens) }.max() ?? 0
        return longest >= Self.sharedPrefixTokens
            && longest - prefixes.knownCount(tokens) >= Self.sharedPrefixTokens
    }

    /// Gives a prompt its rows and copies into them what the prefix cache knows.
    private func begin(_ group: PromptGroup) -> Bool {
        let promised = prefilling.reduce(0) { $0 + $1.memberRowCount }
        let wanted = group.prompt.count + group.ownRowCount
        guard isQuiet || rows.used + promised + wanted <= rowLimit,
            let run = reserve(group.prompt.count), let cache
        else { return false }
        var position = run.lowerBound
        for part in prefixes.match(group.prompt.dropLast()) {
            cache.copy(part, of: cache, to: position, model.backend)
            partner?.copy(part, to: position)
            position += part.count
        }
        group.begin(run, computed: position - run.lowerBound)
        count(group)
        begun.append(group)
        prefilling.append(group)
        return true
    }

    private func count(_ group: PromptGroup) {
        group.job.cachedPromptTokens[group.index] = group.computed
        counts.promptTokens += group.prompt.count
        counts.cachedPromptTokens += group.computed
        if group.computed > 0 { counts.prefixHits += 1 }
    }

    // MARK: Leaving

    /// Offers a computed prompt to the prefix cache.
    func keep(_ group: PromptGroup) {
        if group.isCurrent {
            group.insertion = prefixes.insert(group.prompt, rows: group.rows)
        }
    }

    /// Takes a finished sequence out; the last one takes its prompt along.
    func leave(_ sequence: DecodingSequence) {
        let group = sequence.group
        rows.release(sequence.rows)
        group.job.take(sequence)
        guard group.unfinished == 0 else { return }
        giveBack(group)
        begun.removeAll { $0 === group }
    }

    private func giveBack(_ group: PromptGroup) {
        rows.release(group.privateRows)
        if let node = group.insertion?.node { prefixes.release(node) }
        while prefixes.rowCount > prefixes.rowLimit, evict() {}
    }

    // MARK: Rows

    /// Cache rows of prompts and sequences at work and of kept prompts.
    var usedRows: Int { rows.used }

    private var rowLimit: Int { limits.rowCount(model.configuration) + prefixes.rowLimit }

    /// A run of rows: free ones, new ones, or the prefix cache's; `nil` when sequences at work have
    /// to finish first.
    private func reserve(_ count: Int) -> Range<Int>? {
        if let run = rows.take(count) { return run }
        if grow(for: count, limit: rowLimit) { return rows.take(count) }
        while evict() {
            if let run = rows.take(count) { return run }
        }
        // One sequence alone gets what it needs.
        guard isQuiet, grow(for: count, limit: .max) else { return nil }
        return rows.take(count)
    }

    /// Makes the free rows at the end at least `count`.
    private func grow(for count: Int, limit: Int) -> Bool {
        let least = rows.capacity - rows.freeAtEnd + count
        guard least <= limit else { return false }
        let ample = max(Self.firstRows, 2 * rows.capacity, rows.used + demand)
        let fresh = KeyValueCache(
            model.configuration,
            rowCount: max(least, min(ample, rowLimit))
        )
        if let cache {
            for run in rows.taken { fresh.copy(run, of: cache, to: run.lowerBound, model.backend) }
        }
        cache = fresh
        partner?.grow(to: fresh.rowCount, keeping: rows.taken)
        rows.grow(to: fresh.rowCount)
        return true
    }

    /// Rows that waiting prompts and their completions will take.
    private var demand: Int {
        waiting.reduce(0) { sum, job in
            job.request.prompts[job.nextPrompt...].reduce(sum) {
                $0 + $1.count + job.request.groupSize * job.request.parameters.maxTokens
            }
        }
    }

    private func evict() -> Bool {
        guard let run = prefixes.evict() else { return false }
        counts.prefixCacheEvictedBytes += bytes(ofRows: run.count)
        rows.release(run)
        return true
    }
}
