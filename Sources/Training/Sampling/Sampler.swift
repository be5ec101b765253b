import Domain
import Kernels
public import Models

/// Draws completions in batches over a key/value cache.
///
/// A prompt is computed once for its group; finished sequences leave the batch. The draw of token
/// `t` of sample `s` for a prompt is Philox(seed) at (stream, s, t): it does not depend on the rest
/// of the batch. The batch itself is a pure function of the request, so the same request gives the
/// same bytes.
public final class Sampler {
    /// Sequences decoded together; more are taken wave by wave.
    public static let maximumBatch = 128
    /// Prompt tokens of one forward pass.
    static let prefillTokens = 512

    private let model: Transformer
    private let head: LanguageHead
    private let text: TextCodec
    private var activations: Activations?
    private var cache: KeyValueCache?
    private var headScratch: Tensor

    /// A sampler of `model`; `text` turns tokens into text and knows which of them end it.
    public init(model: Transformer, head: LanguageHead, text: TextCodec) {
        self.model = model
        self.head = head
        self.text = text
        headScratch = Tensor(rows: head.maximumLogitRows, columns: model.configuration.hiddenSize)
    }

    /// One group of completions a prompt.
    ///
    /// - Parameters:
    ///   - request: what to draw.
    ///   - progress: called with tokens drawn so far.
    /// - Returns: for each prompt its completions, in the order of their sample numbers.
    /// - Throws: `invalidRequest` for an empty prompt, `promptTooLong` for one that leaves no room.
    public func sample(
        _ request: SampleRequest,
        progress: (Int) -> Void = { _ in }
    ) throws -> [[SampledSequence]] {
        try check(request)
        let perWave = max(1, Self.maximumBatch / max(1, request.groupSize))
        var groups: [[SampledSequence]] = []
        var drawn = 0
        for start in stride(from: 0, to: request.prompts.count, by: perWave) {
            let wave = start..<min(request.prompts.count, start + perWave)
            groups += try decode(wave, request) {
                drawn += $0; progress(drawn)
            }
        }
        return groups
    }

    private func check(_ request: SampleRequest) throws(HoneError) {
        let context = model.configuration.contextLength
        for (index, prompt) in request.prompts.enumerated() {
            guard !prompt.isEmpty else {
                throw HoneError(
                    .invalidRequest,
                    "prompt \(index) is empty",
                    param: "prompts[\(index)]"
                )
            }
            guard prompt.count < context else {
                throw HoneError(
                    .promptTooLong,
                    "prompt \(index) has \(prompt.count) tokens; the model's context of \(context) leaves "
                        + "no room for a completion: shorten it",
                    param: "prompts[\(index)]"
                )
            }
        }
    }

    private func decode(
        _ wave: Range<Int>,
        _ request: SampleRequest,
        progress: (Int) -> Void
    ) throws -> [[SampledSequence]] {
        var slots = CacheSlots()
        let philox = Philox(seed: request.seed)
        var states: [DecodingState] = []
        for index in wave {
            let prompt = request.prompts[index]
            let prefix = slots.take(prompt.count)
            let room = min(
                request.parameters.maxTokens,
                model.configuration.contextLength - prompt.count
            )
            for sample in 0..<request.groupSize {
                states.append(
                    DecodingState(
                        stream: request.streams[index],
                        sample: sample,
                        prefix: prefix,
                        own: slots.take(room),
                        text: text,
                        stop: request.parameters.stop
                    )
                )
            }
        }
        let promptCounts = wave.map { request.prompts[$0].count }
        let needed = max(
            states.count,
            min(promptCounts.reduce(0, +), Self.prefillTokens + (promptCounts.max() ?? 0))
        )
        prepare(rows: slots.count, tokens: needed)
        prefill(wave, request, &states, philox)
        progress(states.count)
        var active = states.indices.filter { !states[$0].isFinished }
        while !active.isEmpty {
            step(&states, active, request.parameters, philox)
            progress(active.count)
            active.removeAll { states[$0].isFinished }
        }
        return stride(from: 0, to: states.count, by: request.groupSize).map { first in
            states[first..<first + request.groupSize].map { $0.sequence }
        }
    }

    private func prepare(rows: Int, tokens: Int) {
        if (cache?.rowCount ?? -1) < rows {
            cache = KeyValueCache(model.configuration, rowCount: rows)
        }
        if (activations?.capacity ?? -1) < tokens {
            activations = Activations(
                model.configuration,
                capacity: tokens,
                plan: .inference,
                adapterRank: model.adapters?.rank ?? 0
            )
        }
    }

    /// Runs the prompts through the model, a few at a time, and draws each sequence's first token.
    private func prefill(
        _ wave: Range<Int>,
        _ request: SampleRequest,
        _ states: inout [DecodingState],
        _ philox: Philox
    ) {
        var first = wave.lowerBound
        while first < wave.upperBound {
            var end = first
            var count = 0
            while end < wave.upperBound
                && (end == first || count + request.prompts[end].count <= Self.prefillTokens)
            {
                count += request.prompts[end].count
                end += 1
            }
            prefill(first..<end, from: wave.lowerBound, request, &states, philox)
            first = end
        }
    }

    private func prefill(
        _ prompts: Range<Int>,
        from start: Int,
        _ request: SampleRequest,
        _ states: inout [DecodingState],
        _ philox: Philox
    ) {
        var pass = TokenPass()
        var rows: [Int32] = []
        var members: [Int] = []
        for index in prompts {
            let group =
                (index - start) * request.groupSize..<(index - start + 1) * request.groupSize
            pass.append(prompt: request.prompts[index], slots: states[group.lowerBound].prefix)
            rows += repeatElement(Int32(pass.tokens.count - 1), count: request.groupSize)
            members += group
        }
        draw(pass, rows: rows, members: members, &states, request.parameters, philox)
    }

    /// One token for each active sequence.
    private func step(
        _ states: inout [DecodingState],
        _ active: [Int],
        _ parameters: SamplingParameters,
        _ philox: Philox
    ) {
        var pass = TokenPass()
        for index in active { pass.append(next: states[index]) }
        let rows = (0..<active.count).map { Int32($0) }
        draw(pass, rows: rows, members: active, &states, parameters, philox)
    }

    private func draw(
        _ pass: TokenPass,
        rows: [Int32],
        members: [Int],
        _ states: inout [DecodingState],
        _ parameters: SamplingParameters,
        _ philox: Philox
    ) {
        guard let activations, let cache else { preconditionFailure("prepared before") }
        let residual = model.forward(
            pass.tokens,
            pass.positions,
            pass.segments,
            activations,
            cache: cache,
            cacheRows: pass.cacheRows
        )
        for start in stride(from: 0, to: rows.count, by: head.maximumLogitRows) {
            let part = start..<min(rows.count, start + head.maximumLogitRows)
            let logits = head.logits(residual, rows: Array(rows[part]), scratch: headScratch)
            let requests = members[part].map { index in
                let state = states[index]
                return DrawRequest(
                    temperature: Float(parameters.temperature),
                    topK: parameters.topK,
                    topP: Float(parameters.topP),
                    minP: Float(parameters.minP),
                    uniform: philox.uniform(
                        state.stream,
                        state.stream >> 32,
                        state.sample,
                        state.sequence.tokens.count
                    )
                )
            }
            let draws = model.backend.draw(logits, requests: requests)
            for (index, draw) in zip(members[part], draws) {
                states[index].take(draw, endTokens: text.endTokens)
            }
        }
    }
}
