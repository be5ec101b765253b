public import Domain
import Foundation
import Kernels
public import Models

/// What a beam search looks for.
public struct BeamRequest: Sendable, Hashable {
    /// The prompt's tokens, not empty.
    public var prompt: [Int32]
    /// Unfinished sequences that are followed at a time.
    public var width: Int
    /// Sequences that are returned, at most `width`.
    public var count: Int
    /// The power of the length that a log-probability is divided by; 0 leaves it as it is.
    public var lengthPenalty: Double
    /// The most tokens of one completion.
    public var maxTokens: Int
    /// A completion ends before the first of these texts.
    public var stop: [String]

    /// A search for the likeliest completions of one prompt.
    public init(
        prompt: [Int32],
        width: Int,
        count: Int = 1,
        lengthPenalty: Double = 0,
        maxTokens: Int,
        stop: [String] = []
    ) {
        self.prompt = prompt
        self.width = width
        self.count = count
        self.lengthPenalty = lengthPenalty
        self.maxTokens = maxTokens
        self.stop = stop
    }
}

/// The most likely completions of a prompt, found by following the best beginnings of each length.
///
/// Under a policy trained by DPO the likelihood is the sum of the advantages (Rafailov et al. 2024,
/// "From r to Q*", arXiv 2404.12358). A pure function of weights and request: equal scores are told
/// apart by the order of the beams and the tokens' ids.
public final class BeamSearch {
    private let model: Transformer
    private let head: LanguageHead
    private let text: TextCodec
    private let scratch: Tensor

    /// A search over `model`; `text` turns tokens into text and knows which of them end it.
    public init(model: Transformer, head: LanguageHead, text: TextCodec) {
        self.model = model
        self.head = head
        self.text = text
        scratch = Tensor(rows: head.maximumLogitRows, columns: model.configuration.hiddenSize)
    }

    /// The best completions, the best first.
    ///
    /// - Throws: `invalidRequest` for an empty prompt, or a search whose keys and values would take
    ///   more memory than sampling may; `promptTooLong` for a prompt that leaves no room.
    public func search(_ request: BeamRequest) throws(HoneError) -> [SampledSequence] {
        let limit = try check(request)
        var state = BeamState(request, tokenLimit: limit, text: text)
        let cache = KeyValueCache(
            model.configuration,
            rowCount: request.prompt.count + 2 * request.width * limit
        )
        var rows = prefill(request.prompt, cache)
        while true {
            let parents = state.extend(logprobs(rows))
            guard !state.live.isEmpty, !state.isDecided else { break }
            rows = decode(&state, parents, cache)
        }
        return state.best()
    }

    private func check(_ request: BeamRequest) throws(HoneError) -> Int {
        var sample = SampleRequest(
            prompts: [request.prompt],
            streams: [0],
            groupSize: 1,
            parameters: SamplingParameters(maxTokens: request.maxTokens),
            seed: 0
        )
        sample.mixture = 0
        let context = model.configuration.contextLength
        try sample.check(context: context)
        guard request.width > 0, (1...request.width).contains(request.count) else {
            throw HoneError(
                .invalidRequest,
                "\(request.count) completions of a beam of \(request.width): ask for 1 to as many as "
                    + "its width",
                param: "width"
            )
        }
        let limit = max(1, min(request.maxTokens, context - request.prompt.count))
        let rows = 2 * request.width * limit
        let bytes = KeyValueCache.bytes(model.configuration, rowCount: rows)
        guard bytes <= SamplingLimits().cacheBytes else {
            throw HoneError(
                .invalidRequest,
                "a beam of \(request.width) over \(limit) tokens takes \(bytes) bytes of keys and "
                    + "values, of which there may be \(SamplingLimits().cacheBytes): lower width or "
                    + "max_tokens",
                param: "width"
            )
        }
        return limit
    }

    /// Logits of the prompt's last token.
    private func prefill(_ prompt: [Int32], _ cache: KeyValueCache) -> [[Float]] {
        var pass = TokenPass()
        pass.append(prompt: prompt, part: 0..<prompt.count, rows: 0..<prompt.count)
        return logits(forward(pass, cache), rows: [Int32(prompt.count - 1)])
    }

    /// Gives the surviving sequences rows of their own, and computes their last tokens.
    ///
    /// Two halves of the rows take turns, so that a sequence's keys are never written over while
    /// another still copies them.
    private func decode(
        _ state: inout BeamState,
        _ parents: [Int],
        _ cache: KeyValueCache
    ) -> [[Float]] {
        var pass = TokenPass()
        let prompt = 0..<state.promptCount
        for (place, parent) in parents.enumerated() {
            let (from, to) = (state.rows(of: parent, half: 1), state.rows(of: place, half: 0))
            let known = state.live[place].tokens.count - 1
            if known > 0 {
                cache.copy(from.prefix(known), of: cache, to: to.lowerBound, model.backend)
            }
            pass.append(
                state.live[place].tokens[known],
                index: known,
                prompt: prompt,
                own: to
            )
        }
        state.swapHalves()
        return logits(forward(pass, cache), rows: parents.indices.map { Int32($0) })
    }

    private func forward(_ pass: TokenPass, _ cache: KeyValueCache) -> Tensor {
        model.forward(
            pass.tokens,
            pass.positions,
            pass.segments,
            Activations(
                model.configuration,
                capacity: pass.count,
                plan: .inference,
                adapterRank: model.adapters?.rank ?? 0
            ),
            cache: cache,
            cacheRows: pass.cacheRows
        )
    }

    private func logits(_ residual: Tensor, rows: [Int32]) -> [[Float]] {
        var result: [[Float]] = []
        for start in stride(from: 0, to: rows.count, by: head.maximumLogitRows) {
            let part = Array(rows[start..<min(rows.count, start + head.maximumLogitRows)])
            let flat = head.logits(residual, rows: part, scratch: scratch).hostCopy()
            let width = flat.count / max(1, part.count)
            for row in part.indices { result.append(Array(flat[row * width..<(row + 1) * width])) }
        }
        return result
    }

    /// log π of every token in each row, nat.
    private func logprobs(_ rows: [[Float]]) -> [[Double]] {
        rows.map { row in
            let maximum = Double(row.max() ?? 0)
            let sum = row.reduce(0) { $0 + exp(Double($1) - maximum) }
            let shift = maximum + log(sum)
            return row.map { Double($0) - shift }
        }
    }
}
