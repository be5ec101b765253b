public import Domain
public import Kernels
public import Models

/// A prompt's tokens and completions that continue it.
public struct SequenceGroup: Sendable, Hashable {
    /// Tokens of the prompt.
    public var prompt: [Int32]
    /// Tokens of each completion.
    public var completions: [[Int32]]

    /// One prompt with everything that continues it.
    public init(prompt: [Int32], completions: [[Int32]]) {
        self.prompt = prompt
        self.completions = completions
    }

    /// Tokens that one forward pass computes.
    public var tokenCount: Int { prompt.count + completions.reduce(0) { $0 + $1.count } }
}

/// What the distribution that one token was drawn from is like.
public struct TokenFigure: Sendable, Hashable {
    /// Its entropy at temperature 1, nat.
    public var entropy: Float
    /// The mass of its likeliest tokens.
    public var topMass: Float
    /// KL(policy‖reference), nat; `nil` unless asked for.
    public var divergence: Float?
    /// The likeliest tokens, the likeliest first; empty unless asked for.
    public var topTokens: [LikelyToken] = []
}

/// Per-token log-probabilities of given sequences, packed without padding.
public final class SequenceScorer {
    /// Tokens of one forward pass.
    static let passTokens = 1024

    private let model: Transformer
    private let head: LanguageHead
    private var activations = ActivationRoom(least: passTokens)

    var vocabularySize: Int { model.configuration.vocabularySize }

    /// A scorer of `model` through its head.
    public init(model: Transformer, head: LanguageHead) {
        self.model = model
        self.head = head
    }

    /// For each group, for each completion, the log-probability of each token, nat.
    public func logprobs(
        _ groups: [SequenceGroup],
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [[[Float]]] {
        try numbers(groups, progress: progress) { [head] residual, batch in
            head.forward(residual, rows: batch.predictorRows, targets: batch.targets).logprobs
        }
    }

    /// For each group, for each completion, what the policy's whole distributions are like.
    ///
    /// - Parameters:
    ///   - groups: the sequences; only completion tokens are given figures.
    ///   - topCount: of how many of the likeliest tokens the mass is given.
    ///   - listsTopTokens: whether those tokens are given too.
    ///   - reference: another model of the same vocabulary to give the exact KL from.
    ///   - progress: gets the tokens that are done.
    /// - Returns: one figure for each completion token.
    /// - Throws: `promptTooLong` for a sequence beyond either model's context.
    func figures(
        _ groups: [SequenceGroup],
        topCount: Int,
        listsTopTokens: Bool = false,
        reference: SequenceScorer?,
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [[[TokenFigure]]] {
        if let reference {
            try checkLengths(groups, context: reference.model.configuration.contextLength)
        }
        return try numbers(groups, progress: progress) { [head] residual, batch in
            var comparison = HeadComparison()
            comparison.topCount = topCount
            comparison.listsTopTokens = listsTopTokens
            comparison.reference = reference?.companion(of: batch)
            let output = head.forward(
                residual,
                rows: batch.predictorRows,
                targets: batch.targets,
                comparison: comparison
            )
            let divergences = output.fields[.reverseKL]
            return output.entropies.indices.map { place in
                TokenFigure(
                    entropy: output.entropies[place],
                    topMass: output.topMasses[place],
                    divergence: divergences?[place],
                    topTokens: listsTopTokens ? output.topTokens[place] : []
                )
            }
        }
    }

    /// For each group, for each completion, what `valueHead` expects before each token is drawn.
    func values(
        _ groups: [SequenceGroup],
        by valueHead: ValueHead,
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [[[Float]]] {
        try numbers(groups, progress: progress) { residual, batch in
            valueHead.forward(residual, rows: batch.predictorRows).values
        }
    }

    /// The model's whole distributions over a batch, to compare another model's with.
    ///
    /// The residual stream is the scorer's own memory: it is gone with the next call.
    func companion(of batch: PackedBatch) -> HeadComparison.Companion {
        .init(
            head: head,
            residual: model.forward(batch, activations.room(for: batch.count, of: model))
        )
    }

    /// What `head` says of each completion token.
    private func numbers<Figure>(
        _ groups: [SequenceGroup],
        progress: (Int) -> Void,
        by head: (Tensor, PackedBatch) -> [Figure]
    ) throws(HoneError) -> [[[Figure]]] {
        try checkLengths(groups, context: model.configuration.contextLength)
        var result: [[[Figure]]] = []
        var first = 0
        var done = 0
        while first < groups.count {
            var batch = PackedBatch()
            var end = first
            while end < groups.count
                && (end == first || batch.count + groups[end].tokenCount <= Self.passTokens)
            {
                batch.append(prompt: groups[end].prompt, completions: groups[end].completions)
                end += 1
            }
            let residual = model.forward(batch, activations.room(for: batch.count, of: model))
            result += Self.split(head(residual, batch), batch, groups[first..<end])
            done += batch.count
            progress(done)
            first = end
        }
        return result
    }

    private static func split<Figure>(
        _ numbers: [Figure],
        _ batch: PackedBatch,
        _ groups: ArraySlice<SequenceGroup>
    ) -> [[[Figure]]] {
        var ranges = batch.completionRanges[...]
        return groups.map { group in
            defer { ranges = ranges.dropFirst(group.completions.count) }
            return ranges.prefix(group.completions.count).map { Array(numbers[$0]) }
        }
    }
}

/// Refuses sequences longer than the model's context.
func checkLengths(_ groups: [SequenceGroup], context: Int) throws(HoneError) {
    for (index, group) in groups.enumerated() {
        for completion in group.completions where group.prompt.count + completion.count > context {
            throw HoneError(
                .promptTooLong,
                "sequence of \(group.prompt.count + completion.count) tokens in group \(index) exceeds the "
                    + "model's context of \(context)",
                param: "groups[\(index)]"
            )
        }
    }
}
